"""Where what is to be covered is covered best: problems of covering, quick answers and proven ones."""

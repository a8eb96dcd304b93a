"""Models of an installation: learnt from labelled reports and the journal, judged, tried, watched."""

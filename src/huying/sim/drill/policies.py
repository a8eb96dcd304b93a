"""Who is sent, by which rule: a blue desk may follow any rule that the live house may watch in the shadow."""

from huying.dispatch.policies import POLICIES as POLICIES
from huying.dispatch.policies import Choice as Choice
from huying.dispatch.policies import Policy as Policy

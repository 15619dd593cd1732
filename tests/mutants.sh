#!/bin/sh
# Can the tests of the postings fail? Each rule of postings/ and of the rows for Sage is changed a little, one change
# ("mutant") at a time, and the tests are run against it. A mutant that no test notices survives.
#
#     make mutants                        all of them: an hour or more
#     make mutants ONLY='*uk_journal*'    some
#
# Results stay in build/mutants: cd there and run "mutmut results" or "mutmut show NAME".
set -eu
project=$(cd "$(dirname "$0")/.." && pwd)
work=$project/build/mutants
mkdir -p "$work/src" "$work/include"
# mutmut knows packages below src/ only, so that is where a copy of ours goes.
rm -rf "$work/tests" "$work/src/storeday"
cp -r "$project/include/storeday" "$work/src/"
cp -r "$project/include/config" "$project/include/expectations" "$work/include/"
cp -r "$project/tests" "$project/pyproject.toml" "$work/"
cd "$work"
export STOREDAY_EXAMPLES=few PYTHONPATH="$work/mutants/src"
mutmut run ${ONLY:+"$ONLY"}
mutmut results

#!/bin/sh
# Makes one data folder as a former version of the program made it, and what that version answered:
#
#     tests/lineproof/upgrades/make.sh STAGE COMMIT      from the root of the repository
#
#     first      9b12dd8a  the first that could import: a file for each batch, nothing of arrivals,
#                          telemetry tables 1, registry 0001
#     corrected  0d77e064  corrections, accepted periods, arrivals; telemetry tables 5, registry 0002
#     ledgered   1c22a4ca  a ledger, steps of milestones, a dossier; telemetry tables 12
#     segmented  28ed34a8  batches in segments
#
# It leaves STAGE.tar.gz beside itself: the folder `data` and `kpi.json`, what `lineproof kpi --by day
# --json` said of both days. They are kept as they were made: a folder made again would be another
# one (keys, times), and one made by a later commit would test nothing.
set -eu
stage=$1
here=$(cd "$(dirname "$0")" && pwd)
python=$(pwd)/.venv/bin/python
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/program" "$work/kept"
git archive "$2" | tar x -C "$work/program"
data=$work/kept/data
old() { (cd "$work/program" && PYTHONPATH=$work/program "$python" -m lineproof "$@"); }

if [ "$stage" = first ]; then
  sed '/^reasons:/,$d' "$here/plant.yaml" > "$work/plant.yaml"  # there was no tree of reasons yet
else
  cp "$here/plant.yaml" "$work/plant.yaml"
fi
old apply --data "$data" -f "$work/plant.yaml" -f "$here/grant.yaml"
old import --data "$data" --line press "$here/day.csv"
if [ "$stage" != first ]; then
  old correct --data "$data" --author Chan --line press --kind reason --reason jam \
    --start 2026-03-02T10:00 --end 2026-03-02T11:30 --comment "the die was stuck"
  old freeze --data "$data" --author Chan --line press --start 2026-03-02 --end 2026-03-02
fi
case $stage in ledgered | segmented)
  old decide --data "$data" --author Chan --project OLD-1 --milestone M1 --action submit
  old dossier --data "$data" --project OLD-1 --out "$work/dossier.zip" ;;
esac
old kpi --data "$data" --line press --start 2026-03-02 --end 2026-03-04 --by day --json \
  > "$work/kept/kpi.json"
rm -f "$data/lock"
tar c -C "$work/kept" --sort=name --owner=0 --group=0 . | gzip -9n > "$here/$stage.tar.gz"

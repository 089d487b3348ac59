#!/usr/bin/env bash
# What the engine does on a graphics card, in one call of less than eight minutes.
#
#   on_a_card.sh pack [FOLDER]   here, with cargo: builds the two programs and puts all that a bare machine needs into FOLDER
#                                (default .card, in the repository's root), 64 MiB at most, with MANIFEST
#   FOLDER/on_a_card.sh          there, without cargo: measures, and prints a summary; the same in $OUT/on_a_card.txt
#   FOLDER/on_a_card.sh dry      anywhere: the same on a software adapter with tiny images, so that it cannot fail for a
#                                silly reason on a card
#
# Every item has its own time, so that one that hangs takes nothing from the others. Words after the mode choose items.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [ "${1:-}" = pack ]; then
    set -e
    root=$(cd "$here/../.." && pwd)
    folder=${2:-$root/.card}
    mkdir -p "$folder/benches"
    cd "$root"
    for bench in step_time embedding; do
        # The last line names the program.
        program=$(cargo bench --profile release --workspace --bench "$bench" --no-run 2>&1 | tee /dev/stderr |
            sed -n 's/^ *Executable .*(\(.*\))$/\1/p' | tail -1)
        strip -o "$folder/$bench" "$program"
        gzip -9 -f "$folder/$bench"
    done
    cp -r engine/benches/step_time "$folder/benches/"
    rm -rf "$folder"/benches/step_time/*.rs "$folder"/benches/step_time/__pycache__
    cp engine/benches/on_a_card.sh "$folder/"
    cat >"$folder/MANIFEST" <<END
Made from $(git rev-parse HEAD)$(git diff --quiet HEAD || echo ', changed') on $(uname -m), glibc $(ldd --version | sed -n '1s/.* //p').
Carried:
$(cd "$folder" && find . -type f ! -name MANIFEST -exec ls -l {} + | awk '{ print "  " $5, $NF }')
Needed there and not carried:
  bash, gzip, GNU coreutils (timeout), glibc of the version above or newer
  libvulkan.so.1 (Debian's libvulkan1) and the card's driver with its file for the loader, where /usr/share/vulkan/icd.d or
  VK_DRIVER_FILES names it; without them our own rows are left out by name
  for PyTorch's rows: a python3 with torch for CUDA; for its compiled ones also triton and a C compiler
  for the memory of the card: nvidia-smi
END
    du -sh "$folder" && cat "$folder/MANIFEST"
    exit
fi

mode=card
if [ "${1:-}" = dry ]; then mode=dry && shift; fi
chosen=("$@")
out=${OUT:-$(mktemp -d)}
log=$out/on_a_card.txt
: >"$log"
say() { echo "$@" | tee -a "$log"; }

# Seconds in all, and what those of an item are multiplied by: a software adapter compiles kernels for minutes.
total=450 slower=1
if [ $mode = dry ]; then total=5400 slower=20; fi
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
for bench in step_time embedding; do
    # Called from the sources, the programs lie where they were built.
    if [ -e "$here/$bench.gz" ]; then gzip -dc "$here/$bench.gz" >"$room/$bench" && chmod +x "$room/$bench"; fi
done
if [ ! -x "$room/step_time" ]; then
    echo "There is no program beside this script: call \`$0 pack\` first, then .card/on_a_card.sh" >&2
    exit 2
fi
export FUSIONSCOPE_BENCHES=$here/benches
tiny=
if [ $mode = dry ]; then
    tiny=tiny
    export FUSIONSCOPE_SOFTWARE_ADAPTER=train
fi

say "$(date -u +%FT%TZ), $mode; $(sed -n 1p "$here/MANIFEST" 2>/dev/null)"
if command -v nvidia-smi >/dev/null; then
    say "$(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader)"
else
    say "nvidia-smi is not here: memory of the card is not measured"
fi
ldconfig -p 2>/dev/null | grep -q libvulkan.so.1 || say "libvulkan.so.1 is not here: our own rows will be left out"
python3 -c 'import torch; print("PyTorch", torch.__version__, "CUDA", torch.cuda.is_available())' 2>/dev/null | tee -a "$log"

# item NAME SECONDS COMMAND...: within its seconds and what is left of all; says what became of it.
item() {
    local name=$1 most=$2 left took=$SECONDS memory=$room/memory sampler=
    shift 2
    if [ ${#chosen[@]} -gt 0 ] && [[ " ${chosen[*]} " != *" $name "* ]]; then return; fi
    most=$((most * slower)) left=$((total - SECONDS))
    if [ $left -lt 10 ]; then
        summary+=("$(printf '%-26s %8s  %s' "$name" - 'left out: no time is left')")
        return
    fi
    : >"$memory"
    if command -v nvidia-smi >/dev/null; then
        (while :; do nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits >>"$memory"; sleep 0.2; done) &
        sampler=$!
    fi
    say "" && say "== $name"
    timeout -k 5 $((most < left ? most : left)) "$@" 2>&1 | tee -a "$log"
    local status=${PIPESTATUS[0]} words=whole
    if [ -n "$sampler" ]; then kill "$sampler" && wait "$sampler" 2>/dev/null; fi
    case $status in 0) ;; 124 | 137) words="cut off after its time" ;; *) words="failed with $status" ;; esac
    local peak
    peak=$(sort -n "$memory" | tail -1)
    summary+=("$(printf '%-26s %6s s  %-24s %s' "$name" $((SECONDS - took)) "$words" "${peak:+card at most $peak MiB}")")
}

summary=()
item embedding 45 "$room/embedding" card $tiny
# What is measured for the first time comes first, what takes longest last.
for preset in ogp-net-demo baseline-demo single-demo any2seg-demo smmcl-demo amdanet-demo cross-spectral-uda-demo; do
    item $preset 20 "$room/step_time" gpu $preset 10 $tiny
done
for preset in ogp-net baseline single any2seg smmcl amdanet cross-spectral-uda; do
    item $preset 40 "$room/step_time" gpu "preset:$preset" 5 $tiny
done

say "" && say "== summary ($SECONDS s in all; memory of the card is that of all programs)"
for line in "${summary[@]}"; do say "$line"; done
say "" && grep -hE '^(t-SNE in WGSL|mixture,)' "$log" >"$room/layouts"
say "$(printf '%-26s %13s %13s %13s' '' 'neighbours, s' 'iterations, s' 'layouts/s')"
while IFS= read -r line; do say "$line"; done <"$room/layouts"
say "" && grep -hE '(ours|PyTorch (eager|compiled)).* [0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.–]+$' "$log" >"$room/rows"
say "$(printf '%-42s %-24s %14s %12s %9s %10s' network '' 'first step, s' 'warm-up, s' 'step, ms' 'host, MiB')"
while IFS= read -r line; do say "$line"; done <"$room/rows"
say "" && say "The whole output is in $log"

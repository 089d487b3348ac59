#!/usr/bin/env bash
# What the engine does on a graphics card, in one call of less than eight minutes.
#
#   on_a_card.sh pack [FOLDER]   here, with cargo: builds the programs and puts all that a bare machine needs into FOLDER
#                                (default .card, in the repository's root), 64 MiB at most, with MANIFEST
#   FOLDER/on_a_card.sh          there, without cargo: measures, and prints a summary; the same in $OUT/on_a_card.txt
#   FOLDER/on_a_card.sh dry      anywhere: the same on a software adapter with tiny images, PyTorch on the CPU, so that
#                                it cannot fail for a silly reason on a card
#
# Every item has its own time, so that one that hangs takes nothing from the others. Words after the mode choose items:
# by a whole name (ours/baseline-demo), or by what stands before or after its stroke (ours, baseline-demo). t-SNE is
# `embedding`.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Where ldconfig lies is not on everyone's path.
PATH=$PATH:/usr/sbin:/sbin

# Vulkan's loader for 64 bits, where the system has one.
loader() { ldconfig -p 2>/dev/null | sed -n 's/^[[:space:]]*libvulkan\.so\.1 (libc6,.*=> //p' | head -n 1; }

if [ "${1:-}" = pack ]; then
    set -e
    root=$(cd "$here/../.." && pwd)
    folder=${2:-$root/.card}
    mkdir -p "$folder/benches" "$folder/lib"
    folder=$(cd "$folder" && pwd)
    cd "$root"
    # carry NAME BENCH OPTION...: builds a bench and carries it by this name.
    carry() {
        local name=$1 bench=$2 program
        shift 2
        # The last line names the program.
        program=$(cargo --color never bench --profile release --workspace --bench "$bench" --no-run "$@" 2>&1 | tee /dev/stderr |
            sed -n 's/^ *Executable .*(\(.*\))$/\1/p' | tail -1)
        strip -o "$folder/$name" "$program"
        gzip -9 -f "$folder/$name"
    }
    carry step_time step_time
    carry embedding embedding
    # The same with kernels in SPIR-V, which alone reaches a card's matrix units.
    carry step_time_spirv step_time --features fusionscope-engine/vulkan
    vulkan=$(loader)
    if [ -n "$vulkan" ]; then
        cp -L "$vulkan" "$folder/lib/libvulkan.so.1"
    else
        echo "libvulkan.so.1 is not on this machine: the pack goes without it" >&2
    fi
    cp -r engine/benches/step_time "$folder/benches/"
    rm -rf "$folder"/benches/step_time/*.rs "$folder"/benches/step_time/__pycache__
    cp engine/benches/on_a_card.sh "$folder/"
    cat >"$folder/MANIFEST" <<END
Made from $(git rev-parse HEAD)$(git diff --quiet HEAD || echo ', changed') on $(uname -m), glibc $(ldd --version | sed -n '1s/.* //p').
Carried:
$(cd "$folder" && find . -type f ! -name MANIFEST -exec ls -l {} + | awk '{ print "  " $5, $NF }')
Needed there and not carried:
  bash, grep, gzip, sed, GNU coreutils (timeout), glibc of the version above or newer
  the card's driver with its file for Vulkan's loader, where VK_DRIVER_FILES, /usr/share/vulkan/icd.d or NVIDIA's
  /usr/local/nvidia/share/vulkan/icd.d has it; without it our own rows say so
  for PyTorch's rows: a python3 with torch for CUDA; for its compiled ones also triton and a C compiler
  for the memory of the card: nvidia-smi
END
    du -sh "$folder" && cat "$folder/MANIFEST"
    if [ "$(du -sm "$folder" | cut -f 1)" -gt 64 ]; then
        echo "The pack is larger than 64 MiB: leave a program out of it" >&2
        exit 1
    fi
    exit
fi

mode=card
if [ "${1:-}" = dry ]; then mode=dry && shift; fi
chosen=("$@")
out=${OUT:-$(mktemp -d)}
log=$out/on_a_card.txt
mkdir -p "$out" && : >"$log" || exit 2
say() { echo "$@" | tee -a "$log"; }

# Seconds in all, and what those of an item are multiplied by: a software adapter compiles kernels for minutes.
total=450 slower=1
if [ $mode = dry ]; then total=7200 slower=40; fi
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
for bench in step_time step_time_spirv embedding; do
    # Called from the sources, the programs lie where they were built.
    if [ -e "$here/$bench.gz" ]; then gzip -dc "$here/$bench.gz" >"$room/$bench" && chmod +x "$room/$bench"; fi
done
if [ ! -x "$room/step_time" ]; then
    echo "There is no program beside this script: call \`$0 pack\` first, then .card/on_a_card.sh" >&2
    exit 2
fi
export FUSIONSCOPE_BENCHES=$here/benches
# Compilers keep what they made in it.
export HOME=${HOME:-$room}
tiny=
if [ $mode = dry ]; then
    tiny=tiny
    export FUSIONSCOPE_SOFTWARE_ADAPTER=train
fi

say "$(date -u +%FT%TZ), $mode; $(sed -n 1p "$here/MANIFEST" 2>/dev/null)"
card=$(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null) || card=
say "${card:-"nvidia-smi does not answer here: memory of the card is not measured"}"
if [ -z "$(loader)" ]; then
    if [ -e "$here/lib/libvulkan.so.1" ]; then
        export LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
        say "libvulkan.so.1 is not on this machine: the pack's is taken"
    else
        say "libvulkan.so.1 is neither here nor in the pack: our own rows will be left out"
    fi
fi
# Containers of NVIDIA's have the driver's file where no loader looks; an old loader knows the second name only.
nvidia=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
if [ -z "${VK_DRIVER_FILES:-${VK_ICD_FILENAMES:-}}" ] && [ -e $nvidia ]; then
    export VK_DRIVER_FILES=$nvidia VK_ICD_FILENAMES=$nvidia
    say "Vulkan's driver is that of $nvidia"
fi
torch='import torch; print("PyTorch", torch.__version__, "CUDA", torch.cuda.is_available())'
say "$(python3 -c "$torch" 2>/dev/null || echo 'python3 has no PyTorch here: its rows will be left out')"

is_chosen() {
    local word
    if [ ${#chosen[@]} -eq 0 ]; then return 0; fi
    for word in "${chosen[@]}"; do
        case $1 in "$word" | "$word"/* | */"$word") return 0 ;; esac
    done
    return 1
}

# item NAME SECONDS COMMAND...: within its seconds and what is left of all; says what became of it.
summary=()
item() {
    local name=$1 most=$(($2 * slower)) began=$SECONDS left=$((total - SECONDS)) status words peak sampler=
    shift 2
    is_chosen "$name" || return
    if [ $left -lt 10 ]; then
        summary+=("$(printf '%-32s %6s    %s' "$name" - 'not reached: no time was left')")
        return
    fi
    : >"$room/memory"
    if [ -n "$card" ]; then
        # It ends with this script, however that ends.
        while [ -e "$room/memory" ]; do
            nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits
            sleep 0.2
        done >"$room/memory" 2>&1 &
        sampler=$!
    fi
    say "" && say "== $name"
    timeout -k 5 $((most < left ? most : left)) "$@" 2>&1 | tee "$room/output" | tee -a "$log"
    status=${PIPESTATUS[0]}
    if [ -n "$sampler" ]; then kill "$sampler" && wait "$sampler" 2>/dev/null; fi
    # t-SNE says of itself what it leaves out.
    if [ "$status" = 0 ] && grep -q 'left out:' "$room/output"; then status=3; fi
    case $status in
        0) words=whole ;;
        3) words="in part: see its rows" ;;
        124) words="cut off after its time" ;;
        137) words="killed, by its time or for want of memory" ;;
        *) words="failed with $status" ;;
    esac
    peak=$(grep -x '[0-9]*' "$room/memory" | sort -n | tail -n 1)
    peak=${peak:+card at most $peak MiB}
    summary+=("$(printf '%-32s %6s s  %-24s %s' "$name" $((SECONDS - began)) "$words" "$peak")")
}

# steps SIDE PRESET SECONDS: its steps on one side, at the demo's size or at the paper's.
steps() {
    local word=preset:$2 rounds=5 program=step_time side=$1
    case $2 in *-demo) word=$2 rounds=10 ;; esac
    case $1 in
        spirv) program=step_time_spirv side=ours ;;
        spirv-mixed) program=step_time_spirv side=mixed ;;
    esac
    item "$1/$2" "$3" "$room/$program" gpu "$side" "$word" $rounds $tiny
}

# Preset by preset, all its sides: what is reached in the time is comparable. Those that PyTorch compiles come first. Tuning
# of kernels takes most of the time of ours; a preset that is cut off goes on tuning where it was, when it is called again.
# In mixed precision only kernels of 16-bit floats are tuned anew.
sides() {
    local most=25
    case $1 in *-demo) ;; *) most=40 ;; esac
    steps ours "$1" $most
    steps mixed "$1" 25
    steps eager "$1" 25
    case $1 in baseline-demo | baseline | ogp-net) steps compiled "$1" 75 ;; esac
}
item embedding 45 "$room/embedding" card $tiny
for preset in baseline-demo baseline ogp-net-demo ogp-net single any2seg smmcl amdanet cross-spectral-uda; do sides $preset; done
for preset in single any2seg smmcl amdanet cross-spectral-uda; do sides $preset-demo; done
if [ $mode = dry ]; then
    say "" && say "spirv and spirv-mixed are left out: software adapters crash under SPIR-V"
elif [ ! -x "$room/step_time_spirv" ]; then
    say "" && say "spirv and spirv-mixed are left out: their program is not in the pack"
else
    for preset in baseline any2seg ogp-net; do
        steps spirv $preset 40
        steps spirv-mixed $preset 25
    done
fi

say "" && say "== summary ($SECONDS s in all; memory of the card is that of all programs)"
if [ ${#summary[@]} -eq 0 ]; then say "nothing is called ${chosen[*]}"; fi
for line in "${summary[@]}"; do say "$line"; done
# Picked out before they are written: the log must not feed itself.
grep -ahE '^(t-SNE |mixture,)' "$log" >"$room/layouts"
grep -ahE '×3×[0-9]+×[0-9]+ +(ours|PyTorch)' "$log" >"$room/rows"
say "" && say "$(printf '%-26s %13s %13s %13s' '' 'neighbours, s' 'iterations, s' 'layouts/s')"
tee -a "$log" <"$room/layouts"
say "" && say "$(printf '%-42s %-24s %14s %12s %9s %10s %10s' \
    network '' 'first step, s' 'warm-up, s' 'step, ms' 'host, MiB' 'card, MiB')"
tee -a "$log" <"$room/rows"
say "" && say "The whole output is in $log"

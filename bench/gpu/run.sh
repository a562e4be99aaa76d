#!/bin/bash
# Runs the tests of layers and engines and the benchmark on this machine's GPU.
#   bash bench/gpu/run.sh <folder of the parts of pack.mjs> <folder for the results> [options of run.mjs]
# The folder of the parts may also have .deb packages of the loaders for Vulkan and EGL.
set -euo pipefail
parts=$(realpath "$1")
mkdir -p "$2"
results=$(realpath "$2")
cd "$(dirname "$0")/../.."
cat "$parts"/alexnet-gpu.part-* | tar --extract --gzip
for package in "$parts"/*.deb; do
  if [ -e "$package" ]; then dpkg -x "$package" /; fi
done
if command -v ldconfig > /dev/null; then ldconfig || true; fi
export PATH="$PWD/.gpu-node:$PATH"
node bench/gpu/run.mjs --out "$results" "${@:3}"

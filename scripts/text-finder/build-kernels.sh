#!/bin/sh
# Builds kernels.as into src/pixels/find/kernels.ts. Needs npm: AssemblyScript is fetched for this one run and is no dependency of the project.
set -eu
cd "$(dirname "$0")"
out=$(mktemp -d)
trap 'rm -r "$out"' EXIT
cp kernels.as "$out/kernels.ts"
compiler=${ASC:-npx --yes -p assemblyscript@0.28.20 asc}
(cd "$out" && $compiler kernels.ts -o kernels.wasm -O3 --converge --noAssert --runtime stub --enable simd --use abort= --initialMemory 1)
{
  echo '// Written by scripts/text-finder/build-kernels.sh from kernels.as: a WebAssembly module with SIMD, in base64.'
  printf "export const KERNELS =\n  '%s';\n" "$(base64 -w0 "$out/kernels.wasm")"
} > ../../src/pixels/find/kernels.ts

# Runs Debian's cargo with the standard library built from its sources; all output is in target/cross.
#
#     debian_cargo COMMAND TARGET [ARGUMENT …]
debian_cargo() {
  local command=$1 target=$2
  shift 2
  PATH=/usr/bin:$PATH RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 cargo "$command" --quiet \
    -Zbuild-std=std,panic_unwind --target "$target" --target-dir target/cross/cargo \
    --no-default-features --features module,lua54 "$@"
}

# Tasks: build · test · in-task · faults · leaks · sanitize · vm · windows · cross · luasocket · coverage · fuzz · lint · docs ·
# bench · bench-scale · release · site

LUAS := lua51 lua52 lua53 lua54 lua55 luajit
interpreter = $(if $(filter luajit,$(1)),luajit,$(subst lua5,lua5.,$(1)))
# The command that runs busted on a Lua, with the path of the module.
busted = LUA_PATH=";;" LUA_CPATH="$(CURDIR)/target/$(1)/lib/?.so;;" $(call interpreter,$(1)) /usr/bin/busted

PACKAGES := build-essential pkg-config python3 socat netcat-openbsd procps lua-busted iproute2 \
  lua5.1 lua5.2 lua5.3 lua5.4 luajit \
  liblua5.1-0-dev liblua5.2-dev liblua5.3-dev liblua5.4-dev libluajit-5.1-dev \
  lua-socket lua-cqueues lua-luv lua-sec lua-lpeg openssl tcpdump nginx redis-server dnsmasq-base python3-aiosmtpd \
  netbase
CROSS_PACKAGES := rustc-web cargo-web rust-web-src rust-web-clippy musl-tools gcc-aarch64-linux-gnu \
  libc6-dev-arm64-cross qemu-user-static
TOOLS := $(CURDIR)/target/tools
MISTAKES := types/mistakes.lua
CHECK := emmylua_check --warnings-as-errors . \
  --ignore 'bench/**' --ignore 'faults/**' --ignore 'fuzz/**' --ignore 'windows/**' --ignore 'luasocket/**' \
  --ignore 'interpreter/**' --ignore 'site/**' --ignore 'rock/**'
export PATH := $(TOOLS)/bin:$(PATH)
export PKG_CONFIG_PATH := $(TOOLS)/lib/pkgconfig:$(PKG_CONFIG_PATH)

.PHONY: build test in-task left-out faults leaks sanitize memcheck miri sanitize-setup vm windows cross luasocket coverage \
  fuzz lint types docs bench bench-scale release site setup cross-setup lint-setup check-layers clean

# Builds for each stock Lua the module, target/<lua>/lib/bsdsocket.so, and the static library for hosts in C, as LuaRocks
# builds them. With link-time optimisation the static library contains no objects of other crates.
build: $(LUAS:%=build-%)

build-%:
	cargo build --quiet --release --no-default-features --features module,$* --target-dir target/$*
	@test -n "$(CARGO_PROFILE_RELEASE_LTO)" || ! ar t target/$*/release/libbsdsocket.a | grep '^\(mlua\|std\)-' || \
	  { echo "the library was not optimised as a whole"; exit 1; }
	@mkdir -p target/$*/lib
	@ln -sf ../release/libbsdsocket.so target/$*/lib/bsdsocket.so
	@ln -sf ../release/libbsdsocket.a target/$*/lib/libbsdsocket.a

# Runs all specs on each stock Lua, on one also in tasks, and the Rust tests on four. Two libraries are built at a time,
# and three Luas run the specs at a time, which mostly wait.
test: setup
	$(MAKE) -j2 build
	$(MAKE) -j3 --output-sync=target spec in-task-lua54 left-out
	$(MAKE) rust examples

spec: $(LUAS:%=spec-%)

spec-%: setup build-%
	$(call busted,$*) spec

# The specs again, the body of each a task.
in-task: in-task-lua51 in-task-lua54 in-task-luajit

in-task-%: setup build-%
	$(call busted,$*) --helper=spec/support/in_task.lua spec

# The names of the specs that are left out on other systems.
left-out: setup build-lua54
	$(call busted,lua54) --list spec | .ci/left_out

# Debian has no Lua 5.5: the interpreter is built, and runs busted for Lua 5.4, with replacements for its C modules.
# Specs that need another library in C are skipped.
build-lua55: $(TOOLS)/bin/lua5.5
spec-lua55 leaks-lua55: busted = LUA_PATH="$(CURDIR)/cross/lua/?.lua;/usr/share/lua/5.4/?.lua;$\
  /usr/share/lua/5.4/?/init.lua;;" LUA_CPATH="$(CURDIR)/target/lua55/lib/?.so" lua5.5 interpreter/busted.lua

$(TOOLS)/bin/lua5.5: interpreter/build interpreter/lua.c | setup
	interpreter/build 5.5 $(TOOLS)

# The Rust tests; `send`, `async` and `serde` are features of mlua that change its types. LuaJIT lets error handlers nest
# deeply, which takes much stack without optimisation.
rust: setup
	cargo test --quiet
	cargo test --quiet --features send --test send
	cargo check --quiet --features mlua/async,mlua/serde
	RUST_MIN_STACK=8388608 cargo test --quiet --lib --test embedding --no-default-features --features luajit,vendored \
	  --target-dir target/vendored-luajit
	cargo test --quiet --lib --test embedding --no-default-features --features lua51,vendored \
	  --target-dir target/vendored-lua51

# Runs the Rust tests and the examples on Lua 5.5, alone and in the Rust host.
examples: setup
	cargo test --quiet --no-default-features --features lua55,vendored --target-dir target/vendored-lua55
	cargo run --quiet --no-default-features --features lua55,vendored --target-dir target/vendored-lua55 \
	  --example host -- examples/echo.lua

# Fault injection: each system call of the library fails in turn, and so does each memory allocation of Lua.
faults: faults-lua51 faults-lua54 faults-luajit faults-limits

faults-%: setup build-% target/faults/shim.so
	LD_PRELOAD=$(CURDIR)/target/faults/shim.so LUA_PATH="./?.lua" LUA_CPATH="target/$*/lib/?.so" \
	  timeout 600 $(call interpreter,$*) faults/run.lua target/faults/shim.so target/$*/lib/bsdsocket.so

# The same in a Lua state that is opened with limits.
faults-limits: setup build-lua54 target/faults/shim.so target/faults/limits.so
	LD_PRELOAD=$(CURDIR)/target/faults/shim.so LUA_PATH="./?.lua" LUA_CPATH="target/lua54/lib/?.so" \
	  timeout 600 lua5.4 faults/run.lua target/faults/shim.so target/lua54/lib/bsdsocket.so target/faults/limits.so

# Leak tests with 100,000 cycles of each way of closing sockets, and of each vetoed call.
leaks: $(LUAS:%=leaks-%)

leaks-%: setup build-%
	BSDSOCKET_CYCLES=100000 $(call busted,$*) spec/leak_spec.lua spec/audit_spec.lua

# Runs the specs under memcheck, the Rust tests that need neither Lua nor the system under Miri, then the specs with an
# eager collector. Time limits are longer.
sanitize: memcheck miri eager-lua51 eager-lua54 eager-luajit

MEMCHECK := valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
  --show-leak-kinds=definite --num-callers=30
memcheck: sanitize-setup build-lua54
	BSDSOCKET_PATIENCE=20 TEST_PATIENCE=20 LUA_PATH=";;" LUA_CPATH="$(CURDIR)/target/lua54/lib/?.so;;" \
	  $(MEMCHECK) lua5.4 /usr/bin/busted --filter-out='names a command that cannot be started' spec

miri:
	@if cargo +nightly miri --version >/dev/null 2>&1; then \
	  cargo +nightly miri test --quiet --lib --target-dir target/miri; \
	else echo "left out: Miri: no nightly toolchain with the component miri"; fi

eager-%: setup build-%
	BSDSOCKET_PATIENCE=20 TEST_PATIENCE=20 $(call busted,$*) --helper=spec/support/eager.lua spec

sanitize-setup: setup
	@command -v valgrind >/dev/null || \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends valgrind; }

target/faults/limits.so: faults/limits.c include/bsdsocket.h
	@mkdir -p $(@D)
	cc -O1 -Wall -Wextra -Werror -Iinclude -I/usr/include/lua5.4 -shared -fPIC -o $@ $<

target/faults/shim.so: faults/shim.c
	@mkdir -p $(@D)
	cc -O1 -Wall -Wextra -Werror -shared -fPIC -o $@ $<

# Runs the specs of every family on Debian's kernel, in a virtual machine; all files are kept in target/vm.
vm: build-lua54
	vm/run

# Builds the library for Windows and tests it under wine; all files are kept in target/windows.
windows:
	windows/run

# Runs programs written for LuaSocket, with its C core and with `bsdsocket.luasocket`; downloads are in target/luasocket.
luasocket: $(addprefix build-,$(filter-out lua55,$(LUAS)))
	luasocket/run

# Line coverage of src/ by the specs, the Rust tests and the virtual machine.
coverage: setup
	.ci/coverage

# Calls every function with random arguments; `make fuzz-lua51` for another Lua.
fuzz: fuzz-lua54 fuzz-luajit

fuzz-%: setup build-%
	LUA_CPATH="$(CURDIR)/target/$*/lib/?.so;;" fuzz/run $(call interpreter,$*)
	LUA_CPATH="$(CURDIR)/target/$*/lib/?.so;;" fuzz/run $(call interpreter,$*) fuzz/luasocket.lua

# Type-checks for other systems, and runs the specs on musl and on aarch64; all files are kept in target/cross.
cross: cross-setup
	cross/check
	cross/specs x86_64-unknown-linux-musl
	cross/specs aarch64-unknown-linux-gnu

setup:
	$(call install,$(PACKAGES))

cross-setup: setup
	$(call install,$(CROSS_PACKAGES))

define install
	@missing=$$(for package in $(1); do \
	  dpkg-query -W -f '$${db:Status-Status}' $$package 2>/dev/null | grep -qx installed || echo $$package; done); \
	if [ -n "$$missing" ]; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; fi
endef

lint: lint-setup rock-setup check-layers types
	cargo fmt --check
	cargo clippy --quiet --all-targets -- -D warnings
	cargo clippy --quiet --all-targets --no-default-features --features luajit,vendored \
	  --target-dir target/vendored-luajit -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --document-private-items
	stylua --check lua spec faults fuzz cross interpreter windows luasocket examples types bench rock site
	luacheck --quiet lua spec faults fuzz cross interpreter windows luasocket examples types bench rock site
	luarocks lint bsdsocket-scm-1.rockspec

lint-setup:
	@command -v luacheck >/dev/null || \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends lua-check; }
	@command -v stylua >/dev/null || cargo install --quiet --root $(TOOLS) --features lua54 stylua
	@command -v emmylua_check >/dev/null || cargo install --quiet --root $(TOOLS) --version 0.25.1 emmylua_check

# Generates docs/reference, types/constants.d.lua, and the crate's documentation in target/doc.
docs: setup build-lua54
	lua5.4 types/generate.lua
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps

# Checks all Lua code against the types, and that the checker finds the mistakes in $(MISTAKES).
types: lint-setup
	$(CHECK) --ignore 'spec/**' --ignore 'examples/testing/**' --ignore $(MISTAKES)
	$(CHECK) --config .emmyrc.json,spec/.emmyrc.lua --ignore $(MISTAKES)
	@expected=$$(sed -n 's/.* -- //p' $(MISTAKES) | sort); \
	found=$$($(CHECK) --ignore 'spec/**' --ignore 'examples/testing/**' 2>/dev/null | sed -n 's/^[a-z]*: .* \[\(.*\)\]$$/\1/p' | sort); \
	test "$$found" = "$$expected" || { echo "$(MISTAKES): the checker finds" $$found; exit 1; }

# Checks which source folders contain unsafe code, mlua, libc and cfg of systems, that no two types have one name, and
# that imports only go down the layers.
FIND := git grep -nE --untracked
SYSTEMS := (linux|linux_like|android|apple|macos|bsd|freebsd|netbsd|netbt|openbsd|dragonfly|target_os|target_vendor)
check-layers: setup
	@! $(FIND) '\bunsafe\b' -- 'src/*.rs' ':!src/lua' ':!src/sys' ':!src/lib.rs' | grep -vE ':[0-9]+: *//'
	@! $(FIND) '\bmlua\b' -- src/sys | grep -vE ':[0-9]+: *//'
	@! $(FIND) '\b(libc|windows_sys)::' -- 'src/*.rs' ':!src/sys' ':!src/address' ':!src/constants'
	@! $(FIND) 'cfg.*\b$(SYSTEMS)\b' -- 'src/*.rs' ':!src/sys' ':!src/address' ':!src/constants' \
	  ':!src/module.rs' ':!src/interface.rs' ':!src/selectors/mod.rs' ':!src/socket/methods.rs' ':!src/socket/mod.rs' \
	  ':!src/luasocket/option.rs'
	@names=$$(git grep -hE --untracked '^(pub(\([^)]*\))? )?(struct|enum|trait|type|union) [A-Z]' -- 'src/*.rs' \
	  ':!src/sys/windows' ':!src/sys/unix/kqueue.rs' | sed -E 's/.*(struct|enum|trait|type|union) ([A-Za-z0-9_]+).*/\2/' \
	  | sort | uniq -d); test -z "$$names" || { echo "the name of more than one type:" $$names; exit 1; }
	@.ci/layers

# Compares the cost of calls with other libraries.
bench: build-lua54 build-luajit
	sh bench/setup.sh
	python3 bench/run.py
	target/bench/host

# Compares servers with many connections.
SCALE ?= --write
bench-scale: build-lua54 build-luajit
	sh bench/setup.sh scale
	python3 bench/scale/run.py $(SCALE)

# Makes the rock of a version, and tries it: `make release VERSION=0.1.0`.
release: rock-setup
	rock/release $(VERSION)

# Builds the documentation as a site in target/site/book, with a search, and checks its links.
site:
	@command -v mdbook >/dev/null || cargo install --quiet --root $(TOOLS) mdbook
	lua5.4 site/build.lua

rock-setup: setup
	$(call install,luarocks)

clean:
	cargo clean

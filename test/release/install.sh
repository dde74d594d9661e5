#!/bin/sh
# Installs the program rowmill for this machine, below a folder of yours, when its checksum is right:
#
#   curl -fsSL URL/install.sh | sh
#
# ROWMILL_PREFIX  where to: bin/rowmill, man pages and completions below it (~/.local)
# ROWMILL_URL     where from
# To remove it again: sh install.sh --uninstall
set -eu

url=${ROWMILL_URL:-@URL@}
version=@VERSION@
prefix=${ROWMILL_PREFIX:-$HOME/.local}

fail() {
  printf 'error: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '  hint: %s\n' "$2" >&2
  exit 1
}

has() { command -v "$1" > /dev/null 2>&1; }

installed() {
  printf '%s\n' "$prefix/bin/rowmill" "$prefix"/share/man/man1/rowmill.1 "$prefix"/share/man/man1/rowmill-*.1 \
    "$prefix/share/bash-completion/completions/rowmill" "$prefix/share/zsh/site-functions/_rowmill" \
    "$prefix/share/fish/vendor_completions.d/rowmill.fish"
}

if [ "${1:-}" = --uninstall ]; then
  installed | while IFS= read -r file; do rm -f "$file"; done
  # Folders that nothing else is in any more.
  for folder in share/man/man1 share/man share/bash-completion/completions share/bash-completion share/zsh/site-functions \
    share/zsh share/fish/vendor_completions.d share/fish share bin; do
    rmdir "$prefix/$folder" 2> /dev/null || true
  done
  echo "removed from $prefix"
  exit 0
fi
[ $# = 0 ] || fail "there is no option $1" "--uninstall is the only one"

[ -n "$url" ] || fail "this copy does not know where the release is" "set ROWMILL_URL to the address of its folder"

case $(uname -s) in
  Linux) system=linux ;;
  Darwin) system=macos ;;
  *) fail "there is no program for $(uname -s)" "on Windows: scoop, winget, or the zip archive" ;;
esac
case $(uname -m) in
  x86_64 | amd64) cpu=x64 ;;
  aarch64 | arm64) cpu=arm64 ;;
  *) fail "there is no program for processors of the kind $(uname -m)" "x86-64 and arm64 are served" ;;
esac
# A shell that Rosetta translates says that the processor is another one.
if [ $system = macos ] && [ "$(sysctl -n sysctl.proc_translated 2> /dev/null || echo 0)" = 1 ]; then cpu=arm64; fi
target=$system-$cpu
if [ $system = linux ] && ! [ -e /lib64/ld-linux-x86-64.so.2 ] && ! [ -e /lib/ld-linux-aarch64.so.1 ] &&
  ls /lib/ld-musl-* > /dev/null 2>&1; then
  target=$target-musl
fi

if has curl; then
  get() { curl -fsSL --retry 3 -o "$2" "$1"; }
elif has wget; then
  get() { wget -q -O "$2" "$1"; }
else
  fail "there is neither curl nor wget" "install one of them"
fi
if has sha256sum; then
  sum() { sha256sum "$1" | cut -d ' ' -f 1; }
elif has shasum; then
  sum() { shasum -a 256 "$1" | cut -d ' ' -f 1; }
else
  fail "there is neither sha256sum nor shasum, so that nothing can be verified" "install coreutils"
fi
# Not by tar alone: that of BusyBox, which is all that Alpine has, knows no xz. Its unxz unpacks the archives for musl.
install_xz='install xz-utils (Debian, Ubuntu) or xz (Alpine, Fedora)'
if has unxz; then
  unpack() { unxz -c "$1" | tar -xf -; }
elif [ $system = macos ]; then
  unpack() { tar -xf "$1"; }
else
  fail "there is no xz, which unpacks the archive" "$install_xz"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
name=rowmill-$version-$target
archive=$name.tar.xz
get "$url/SHA256SUMS" "$work/SHA256SUMS" || fail "cannot load $url/SHA256SUMS"
wanted=$(grep " $archive\$" "$work/SHA256SUMS" | cut -d ' ' -f 1)
[ -n "$wanted" ] || fail "the release has nothing for $target"
get "$url/$archive" "$work/$archive" || fail "cannot load $url/$archive"
found=$(sum "$work/$archive")
[ "$found" = "$wanted" ] || fail "$archive is not what the release names: its checksum is $found, wanted $wanted" "try again; nothing was installed"
(cd "$work" && unpack "$archive") || fail "cannot unpack $archive" "$install_xz"

mkdir -p "$prefix/bin" "$prefix/share/man/man1" "$prefix/share/bash-completion/completions" \
  "$prefix/share/zsh/site-functions" "$prefix/share/fish/vendor_completions.d" || fail "cannot write to $prefix" "set ROWMILL_PREFIX"
# A program that runs cannot be written over, but its name can go to another file.
cp "$work/$name/rowmill" "$prefix/bin/rowmill.new.$$"
mv -f "$prefix/bin/rowmill.new.$$" "$prefix/bin/rowmill"
cp "$work/$name"/man/*.1 "$prefix/share/man/man1/"
cp "$work/$name/completions/rowmill.bash" "$prefix/share/bash-completion/completions/rowmill"
cp "$work/$name/completions/_rowmill" "$prefix/share/zsh/site-functions/_rowmill"
cp "$work/$name/completions/rowmill.fish" "$prefix/share/fish/vendor_completions.d/rowmill.fish"

"$prefix/bin/rowmill" --version > /dev/null || fail "$prefix/bin/rowmill does not start here" "see what a machine needs in the README; on Alpine: apk add libstdc++"
echo "installed $("$prefix/bin/rowmill" --version) as $prefix/bin/rowmill"
case ":$PATH:" in
  *":$prefix/bin:"*) ;;
  *) echo "to have it by its name: export PATH=\"$prefix/bin:\$PATH\"" ;;
esac

# collect.sh PROGRAM FOLDER: lays out a root with the program, the libraries it loads, time zones,
# certificate authorities and one user. Of each Debian package that something was taken from, the entry
# for scanners (var/lib/dpkg/status.d) and the copyright are taken too.
set -eu
program=$1
root=$2

add() {  # FILE: as it is on this system, links followed
  mkdir -p "$root$(dirname "$1")"
  cp -L "$1" "$root$1"
  real=$(readlink -f "$1")
  { dpkg -S "$real" 2>/dev/null || dpkg -S "${real#/usr}"; } | cut -d: -f1 >>"$root.packages"
}

mkdir -p "$root"
: >"$root.packages"
install -D -m 755 "$program" "$root/usr/bin/autoscaler"
strip "$root/usr/bin/autoscaler"
ldd "$program" >"$root.libraries"
if grep 'not found' "$root.libraries"; then exit 1; fi
for library in $(grep -o '/[^ ]*' "$root.libraries"); do add "$library"; done

mkdir -p "$root/usr/share"
cp -a /usr/share/zoneinfo "$root/usr/share/zoneinfo"
rm -rf "$root/usr/share/zoneinfo/right" "$root/usr/share/zoneinfo/posix"
echo tzdata >>"$root.packages"
add /etc/ssl/certs/ca-certificates.crt || echo ca-certificates >>"$root.packages"

mkdir -p "$root/etc/autoscaler" "$root/var/lib/dpkg/status.d"
install -d -m 1777 "$root/tmp"
install -d -o 65532 -g 65532 "$root/var/lib/autoscaler"
echo 'root:x:0:0:root:/:/nonexistent
autoscaler:x:65532:65532:autoscaler:/var/lib/autoscaler:/nonexistent' >"$root/etc/passwd"
echo 'root:x:0:
autoscaler:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
cp /etc/os-release "$root/etc/os-release"

for package in $(sort -u "$root.packages"); do
  dpkg -s "$package" >"$root/var/lib/dpkg/status.d/$package"
  install -D -m 644 "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/copyright"
done

/** Packages for Linux: .deb by dpkg-deb, .rpm by rpmbuild. Both hold the executable, man pages, completions and licences. */
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Target } from "../../src/cli/commands/compile/targets.ts";
import { licences } from "./bundled.ts";
import { ROOT, type Release, binaryOf, must, put, sharedFiles } from "./plan.ts";

/** What Debian and others call the processors of a target. */
const DEBIAN: Partial<Record<Target, string>> = { "linux-x64": "amd64", "linux-arm64": "arm64" };
const REDHAT: Partial<Record<Target, string>> = { "linux-x64": "x86_64", "linux-arm64": "aarch64" };

export interface LinuxPackages {
  release: Release;
  /** Who answers for the packages: `Name <address>`. */
  maintainer: string;
}

/** The files of a package below a folder. */
function lay(folder: string, release: Release, target: Target): string[] {
  mkdirSync(join(folder, "usr/bin"), { recursive: true });
  copyFileSync(binaryOf(release, target), join(folder, "usr/bin/rowmill"));
  chmodSync(join(folder, "usr/bin/rowmill"), 0o755);
  const names = ["usr/bin/rowmill"];
  for (const [name, text] of sharedFiles()) {
    const isPage = name.startsWith("man/");
    const path = `usr/share/${name}${isPage ? ".gz" : ""}`;
    put(join(folder, path), isPage ? gzipSync(text, { level: 9 }) : text);
    names.push(path);
  }
  return names;
}

/** The lines of a description, as Debian wants them. */
const DESCRIPTION = ` Rowmill maps a function over the rows of files (CSV, JSON, JSON lines, Parquet,
 workbooks, databases and others) on all cores, in the order of the input, and
 filters, joins, sorts, groups and converts them. The function is an expression
 on the command line, or a module of TypeScript. It is one executable, which
 contains its runtime.`;

/** A text within a paragraph of Debian's. */
function indented(text: string): string {
  return text.replaceAll(/^/gm, " ").replaceAll(/^ *$/gm, " .");
}

function copyright(license: string): string {
  const own = readFileSync(join(ROOT, "LICENSE"), "utf8").trim();
  const others = licences(ROOT).trim();
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: rowmill

Files: *
Copyright: the authors of Rowmill
License: ${license}

License: ${license}
${indented(own)}

Comment: The executable contains the runtime Bun ${Bun.version} (MIT, with parts under other
 licences, which it lists itself) and these packages:
 .
${indented(others)}
`;
}

/** What lintian says of any program that brings a runtime of its own, and why that is as it is. */
const OVERRIDES = `# The runtime is part of the executable, at a fixed place in memory: that is what makes it one file.
rowmill: embedded-library
rowmill: hardening-no-pie
rowmill: hardening-no-relro
# The names of symbols are those that addons are linked by: 48 KB.
rowmill: unstripped-binary-or-object
# It is no upload to Debian.
rowmill: initial-upload-closes-no-bugs
`;

/** Writes a .deb; gives its path, or undefined for a target that has none. */
export function writeDeb({ release, maintainer }: LinuxPackages, target: Target): string | undefined {
  const architecture = DEBIAN[target];
  if (architecture === undefined) return undefined;
  const { version, license, seconds, out } = release;
  const folder = join(out, "work/deb", target);
  const names = lay(folder, release, target);
  const docs = "usr/share/doc/rowmill";
  const day = new Date(seconds * 1000).toUTCString().replace("GMT", "+0000");
  const log = `rowmill (${version}-1) unstable; urgency=medium\n\n  * Release ${version}: see /usr/share/doc/rowmill/changelog.gz\n\n -- ${maintainer}  ${day}\n`;
  const more: [string, string | Uint8Array][] = [
    [`${docs}/copyright`, copyright(license)],
    [`${docs}/changelog.gz`, gzipSync(readFileSync(join(ROOT, "CHANGELOG.md")), { level: 9 })],
    [`${docs}/changelog.Debian.gz`, gzipSync(log, { level: 9 })],
    ["usr/share/lintian/overrides/rowmill", OVERRIDES],
  ];
  for (const [name, content] of more) put(join(folder, name), content);
  const all = [...names, ...more.map(([name]) => name)];
  const bytes = all.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const control = `Package: rowmill
Version: ${version}-1
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: libc6 (>= 2.17)
Section: utils
Priority: optional
Description: map a TypeScript function over the rows of a file, in parallel
${DESCRIPTION}
`;
  put(join(folder, "DEBIAN/control"), control);
  const md5 = (name: string): string =>
    new Bun.CryptoHasher("md5").update(readFileSync(join(folder, name))).digest("hex");
  put(
    join(folder, "DEBIAN/md5sums"),
    all
      .toSorted()
      .map((name) => `${md5(name)}  ${name}\n`)
      .join(""),
  );
  must(["chmod", "-R", "u=rwX,go=rX", folder]);
  const path = join(out, `rowmill_${version}-1_${architecture}.deb`);
  const packing = ["-Zxz", `-z${release.level}`, "--threads-max=1"];
  must(["dpkg-deb", "--root-owner-group", ...packing, "--build", folder, path], {
    env: { SOURCE_DATE_EPOCH: String(seconds) },
  });
  return path;
}

/** Writes an .rpm; gives its path, or undefined for a target that has none. */
export function writeRpm({ release, maintainer }: LinuxPackages, target: Target): string | undefined {
  const architecture = REDHAT[target];
  if (architecture === undefined) return undefined;
  const { version, license, seconds, description, out } = release;
  const work = join(out, "work/rpm", target);
  const names = lay(join(work, "files"), release, target).map((name) =>
    // Where Red Hat's zsh and fish look.
    name.replace("zsh/vendor-completions", "zsh/site-functions"),
  );
  cpSync(join(work, "files/usr/share/zsh/vendor-completions"), join(work, "files/usr/share/zsh/site-functions"), {
    recursive: true,
  });
  must(["rm", "-r", join(work, "files/usr/share/zsh/vendor-completions")]);
  put(join(work, "files/usr/share/licenses/rowmill/LICENSE"), readFileSync(join(ROOT, "LICENSE")));
  put(join(work, "files/usr/share/licenses/rowmill/THIRD-PARTY-LICENSES.txt"), licences(ROOT));
  const spec = `Name: rowmill
Version: ${version}
Release: 1
Summary: ${description}
License: ${license}
Packager: ${maintainer}
AutoReqProv: no
Requires: glibc >= 2.17

%description
${DESCRIPTION.replaceAll(/^ /gm, "")}

%install
cp -a ${work}/files/. %{buildroot}/

%files
${names.map((name) => `%attr(${name.startsWith("usr/bin") ? "0755" : "0644"}, root, root) /${name}`).join("\n")}
%license /usr/share/licenses/rowmill/LICENSE
%license /usr/share/licenses/rowmill/THIRD-PARTY-LICENSES.txt
`;
  put(join(work, "rowmill.spec"), spec);
  const defines = {
    _topdir: join(work, "top"),
    _buildhost: "localhost",
    _binary_payload: `w${release.level}.xzdio`,
    use_source_date_epoch_as_buildtime: "1",
    clamp_mtime_to_source_date_epoch: "1",
    // The executable is as it is to be: it is not stripped, and its parts are not looked through.
    __os_install_post: "%{nil}",
    debug_package: "%{nil}",
    _build_id_links: "none",
  };
  const words = Object.entries(defines).flatMap(([name, value]) => ["--define", `${name} ${value}`]);
  const env = { SOURCE_DATE_EPOCH: String(seconds) };
  must(["rpmbuild", "-bb", "--target", `${architecture}-linux`, ...words, join(work, "rowmill.spec")], { env });
  const name = `rowmill-${version}-1.${architecture}.rpm`;
  copyFileSync(join(work, "top/RPMS", architecture, name), join(out, name));
  return join(out, name);
}

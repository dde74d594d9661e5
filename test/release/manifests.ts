/** What other installers are told: a Homebrew formula, manifests of Scoop and winget. All of them name archives by checksum. */
import { basename, join } from "node:path";
import type { Target } from "../../src/cli/commands/compile/targets.ts";
import { type Release, archiveName, put, sha256 } from "./plan.ts";

interface Archive {
  url: string;
  sha256: string;
}

/** A release whose address is known. */
type Placed = Release & { url: string };

/** Writes those whose archives are there; gives their paths. */
export function writeManifests(release: Placed): string[] {
  const { out, targets, version } = release;
  const archive = (target: Target): Archive | undefined => {
    if (!targets.includes(target)) return undefined;
    const name = archiveName(release, target);
    return { url: `${release.url}/${name}`, sha256: sha256(join(out, name)) };
  };
  const files: Record<string, string> = {};
  const macArm = archive("macos-arm64");
  const macIntel = archive("macos-x64");
  const linuxArm = archive("linux-arm64");
  const linuxIntel = archive("linux-x64");
  if (macArm && macIntel && linuxArm && linuxIntel) {
    files["homebrew/rowmill.rb"] = formula(release, { macArm, macIntel, linuxArm, linuxIntel });
  }
  const windows = archive("windows-x64");
  if (windows !== undefined) {
    files["scoop/rowmill.json"] = scoop(release, windows);
    for (const [name, text] of Object.entries(winget(release, windows))) files[`winget/${version}/${name}`] = text;
  }
  for (const [name, text] of Object.entries(files)) put(join(out, name), text);
  return Object.keys(files).map((name) => join(out, name));
}

function source({ url, sha256: sum }: Archive): string {
  return `url ${JSON.stringify(url)}\n      sha256 "${sum}"`;
}

type MacAndLinux = Record<"macArm" | "macIntel" | "linuxArm" | "linuxIntel", Archive>;

function formula({ version, description, license, url }: Placed, archives: MacAndLinux): string {
  return `class Rowmill < Formula
  desc ${JSON.stringify(description)}
  homepage ${JSON.stringify(homepage(url))}
  version "${version}"
  license "${license}"

  on_macos do
    on_arm do
      ${source(archives.macArm)}
    end
    on_intel do
      ${source(archives.macIntel)}
    end
  end

  on_linux do
    on_arm do
      ${source(archives.linuxArm)}
    end
    on_intel do
      ${source(archives.linuxIntel)}
    end
  end

  def install
    bin.install "rowmill"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/rowmill.bash" => "rowmill"
    zsh_completion.install "completions/_rowmill"
    fish_completion.install "completions/rowmill.fish"
  end

  test do
    (testpath/"a.csv").write "name,born\\nAda,1815\\n"
    assert_equal "Ada,202", shell_output("#{bin}/rowmill -e '{ name, age: 2017 - born }' a.csv --to csv").lines.last.chomp
  end
end
`;
}

/** The page of the project, where files of a release lie below it. */
function homepage(url: string): string {
  return url.replace(/\/releases\/download\/.*$/, "");
}

function scoop({ version, description, license, url }: Placed, archive: Archive): string {
  const folder = basename(archive.url, ".zip");
  const manifest = {
    version,
    description,
    homepage: homepage(url),
    license,
    architecture: { "64bit": { url: archive.url, hash: archive.sha256, extract_dir: folder } },
    bin: "rowmill.exe",
  };
  return `${JSON.stringify(manifest, undefined, 4)}\n`;
}

const WINGET = "1.6.0";

function tail(kind: string): string {
  return `ManifestType: ${kind}\nManifestVersion: ${WINGET}\n`;
}

function winget({ version, description, license, url }: Placed, archive: Archive): Record<string, string> {
  const head = (kind: string): string =>
    `# yaml-language-server: $schema=https://aka.ms/winget-manifest.${kind}.${WINGET}.schema.json\nPackageIdentifier: Rowmill.Rowmill\nPackageVersion: ${version}\n`;
  const folder = basename(archive.url, ".zip");
  return {
    "Rowmill.Rowmill.yaml": `${head("version")}DefaultLocale: en-US\n${tail("version")}`,
    "Rowmill.Rowmill.locale.en-US.yaml": `${head("defaultLocale")}PackageLocale: en-US
Publisher: Rowmill
PackageName: Rowmill
PackageUrl: ${homepage(url)}
License: ${license}
ShortDescription: ${JSON.stringify(description)}
${tail("defaultLocale")}`,
    "Rowmill.Rowmill.installer.yaml": `${head("installer")}InstallerType: zip
NestedInstallerType: portable
NestedInstallerFiles:
  - RelativeFilePath: ${folder}\\rowmill.exe
    PortableCommandAlias: rowmill
Installers:
  - Architecture: x64
    InstallerUrl: ${archive.url}
    InstallerSha256: ${archive.sha256.toUpperCase()}
${tail("installer")}`,
  };
}

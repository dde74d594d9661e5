// What one does with a log of visits: three npm packages, which lie beside this file when it is run.
import slugify from "@sindresorhus/slugify";
import Bowser from "bowser";
import murmurhash from "murmurhash";

export function visit({ id, agent, title }) {
  const { browser, os, platform } = Bowser.parse(agent);
  return {
    id,
    slug: slugify(title),
    browser: browser.name,
    version: browser.version,
    os: os.name,
    platform: platform.type,
    visitor: murmurhash.v3(`${id} ${agent}`),
  };
}

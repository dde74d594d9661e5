/**
 * Who asks a store, and where it is: by the environment, as all programs for S3 read it, or by a profile in the files of the
 * AWS command line. Nothing of it is said or kept anywhere else.
 */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { RowmillError } from "../../errors.ts";

/** What requests are signed with. */
interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | undefined;
}

export interface Account {
  /** Undefined: requests are not signed; some buckets are for everybody. */
  keys: Keys | undefined;
  region: string;
  /** Of a store that is not Amazon's: its address, without a slash at the end. */
  endpoint: string | undefined;
}

const USUAL_REGION = "us-east-1";
const USUAL_PROFILE = "default";

type Settings = Readonly<Record<string, string>>;

/**
 * Finds the account of this process.
 *
 * @throws {RowmillError} `input`, when a profile is named that is not there, or has no keys.
 */
export async function findAccount(env: NodeJS.ProcessEnv = process.env): Promise<Account> {
  const set = (name: string): string | undefined => env[name] || undefined;
  const accessKeyId = set("AWS_ACCESS_KEY_ID");
  const secretAccessKey = set("AWS_SECRET_ACCESS_KEY");
  const own = accessKeyId !== undefined && secretAccessKey !== undefined;
  const keys = own ? { accessKeyId, secretAccessKey, sessionToken: set("AWS_SESSION_TOKEN") } : undefined;
  const profile = await readProfile(env, keys !== undefined);
  const endpoint = set("AWS_ENDPOINT_URL_S3") ?? set("AWS_ENDPOINT_URL") ?? profile["endpoint_url"];
  if (endpoint !== undefined && !/^https?:\/\/[^/]/i.test(endpoint))
    throw new RowmillError("input", `the address of the store is ${endpoint}, which does not begin with http`, {
      hint: "such as AWS_ENDPOINT_URL=https://minio.example.org:9000",
    });
  return {
    keys: keys ?? keysOf(profile),
    region: set("AWS_REGION") ?? set("AWS_DEFAULT_REGION") ?? profile["region"] ?? USUAL_REGION,
    endpoint: endpoint?.replace(/\/+$/, ""),
  };
}

function keysOf(profile: Settings): Keys | undefined {
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey } = profile;
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken: profile["aws_session_token"] };
}

/** What both files say of the profile that is meant. */
async function readProfile(env: NodeJS.ProcessEnv, hasKeys: boolean): Promise<Settings> {
  const named = env["AWS_PROFILE"] || env["AWS_DEFAULT_PROFILE"] || undefined;
  const name = named ?? USUAL_PROFILE;
  const folder = join(env["HOME"] || homedir(), ".aws");
  const config = await readSections(env["AWS_CONFIG_FILE"] || join(folder, "config"));
  const credentials = await readSections(env["AWS_SHARED_CREDENTIALS_FILE"] || join(folder, "credentials"));
  const found = [config.get(`profile ${name}`) ?? config.get(name), credentials.get(name)];
  const profile: Settings = { ...found[0], ...found[1] };
  if (named === undefined || hasKeys) return profile;
  if (found.every((part) => part === undefined))
    throw new RowmillError("input", `AWS_PROFILE is ${named}, and there is no such profile`, {
      hint: "look into ~/.aws/config and ~/.aws/credentials",
    });
  if (keysOf(profile) === undefined)
    throw new RowmillError("input", `the profile ${named} has no keys of its own`, {
      hint: `put those that it gets elsewhere into the environment: eval "$(aws configure export-credentials --profile ${named} --format env)"`,
    });
  return profile;
}

/** The sections of a file of settings; none where there is no file. */
async function readSections(path: string): Promise<Map<string, Settings>> {
  const text = await readFile(path, "utf8").catch(() => "");
  const sections = new Map<string, Record<string, string>>();
  let current: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[\s*(.*?)\s*\]/.exec(line)?.[1];
    // What is indented belongs to the setting above.
    const [, key, value] = /^([^\s=#;][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (section !== undefined) sections.set(section, (current = {}));
    else if (key !== undefined && value !== undefined) current[key] = value;
  }
  return sections;
}

/**
 * Planned work as Jobs of Kubernetes: an Indexed Job whose indexes fail each for itself, are tried again only when they
 * have failed, and not where the exit code says that it will not go better; and a Job that waits for all shards, and merges them.
 */
import type { Work } from "../work.ts";
import { type JobOptions, mergeWords, shardWords, taskCount } from "./jobs.ts";

export interface KubernetesOptions extends JobOptions {
  image: string;
  /** The claim of the volume on which the folder and the inputs lie, and where it is mounted. */
  claim: string;
  mount: string;
  parallelism: number;
  cpus: number | undefined;
  memory: string | undefined;
}

/** So often an index is tried again. */
const BACKOFF_PER_INDEX = 4;
const NEVER_EXIT = 2;

export function kubernetesJobs(work: Work, options: KubernetesOptions): object[] {
  const completions = taskCount(work, options.group);
  const shards = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: options.name },
    spec: {
      completionMode: "Indexed",
      completions,
      parallelism: Math.min(options.parallelism, completions),
      backoffLimitPerIndex: BACKOFF_PER_INDEX,
      // A second copy of a shard does no harm, but costs its time.
      podReplacementPolicy: "Failed",
      podFailurePolicy: {
        rules: [
          { action: "FailIndex", onExitCodes: { containerName: "shard", operator: "In", values: [NEVER_EXIT] } },
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
        ],
      },
      template: pod("shard", [...shardWords(options), ...workers(options)], options),
    },
  };
  const merge = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: `${options.name}-merge` },
    spec: {
      backoffLimit: BACKOFF_PER_INDEX,
      template: pod("merge", mergeWords(options, ["--wait", "--as-task"]), { ...options, cpus: undefined }),
    },
  };
  return [shards, merge];
}

/** A container that may use so many cores sees all that there are. */
function workers({ cpus }: KubernetesOptions): string[] {
  return cpus === undefined ? [] : ["-j", String(cpus)];
}

function pod(name: string, command: string[], { image, claim, mount, cpus, memory }: KubernetesOptions): object {
  const requests = { ...(cpus !== undefined && { cpu: String(cpus) }), ...(memory !== undefined && { memory }) };
  return {
    spec: {
      restartPolicy: "Never",
      containers: [
        {
          name,
          image,
          command,
          ...(Object.keys(requests).length > 0 && { resources: { requests, limits: requests } }),
          volumeMounts: [{ name: "work", mountPath: mount }],
        },
      ],
      volumes: [{ name: "work", persistentVolumeClaim: { claimName: claim } }],
    },
  };
}

import assert from "node:assert/strict";
import { join } from "node:path";
import { parseCluster } from "./cluster.ts";
import { UsageError } from "./failure.ts";
import { nodeNames, readSlurm, tasksPerNode } from "./slurm.ts";

const addresses = ["10.0.0.1:2222", "10.0.0.2:2222"];
const config = (task: unknown, cluster: unknown = { worker: addresses }) =>
  JSON.stringify({ cluster, task });

Deno.test("parseCluster reads workers, and a chief as the first of them", () => {
  const worker = parseCluster(config({ type: "worker", index: 1 }), 9);
  assert.deepEqual(worker, { addresses, index: 1, timeout: 9 });
  const cluster = { worker: ["b:2"], chief: ["a:1"] };
  assert.deepEqual(
    parseCluster(config({ type: "worker", index: 0 }, cluster), 9),
    { addresses: ["a:1", "b:2"], index: 1, timeout: 9 },
  );
  assert.equal(parseCluster(config({ type: "chief", index: 0 }, cluster), 9)?.index, 0);
  assert.equal(
    parseCluster(config({ type: "worker", index: 0 }, { worker: ["a:1"] }), 9),
    undefined,
  );
  assert.equal(parseCluster("{}", 9), undefined);
});

for (
  const [what, text, message] of [
    ["no JSON", "a:1,b:2", /it is no JSON/],
    ["a parameter server", config({}, { ps: ["a:1"], worker: addresses }), /it has "ps"/],
    ["no port", config({}, { worker: ["a", "b:1"] }), /HOST:PORT: current value is "a"/],
    ["a port that there is not", config({}, { worker: ["a:99999", "b:1"] }), /is "a:99999"$/],
    ["port 0", config({}, { worker: ["a:1", "b:0"] }), /is "b:0"$/],
    [
      "no address",
      config({}, { worker: [["a:1"], "b:1"] }),
      /HOST:PORT: current value is \["a:1"\]$/,
    ],
    ["no cluster", '{"cluster":null}', /lists of addresses, .* current value is null$/],
    ["a list of workers", config({}, addresses), /must be lists of addresses/],
    ["one address", config({}, { worker: "a:1" }), /current value is {"worker":"a:1"}$/],
    ["an address twice", config({}, { worker: ["a:1", "a:1"] }), /cannot have the address a:1/],
    ["a number too large", config({ type: "worker", index: 2 }), /current value is .*"index":2/],
    ["another kind", config({ type: "evaluator", index: 0 }), /"evaluator"/],
    ["no task", JSON.stringify({ cluster: { worker: addresses } }), /task must be one of/],
  ] as const
) {
  Deno.test(`parseCluster refuses ${what} in one line`, () => {
    assert.throws(() => parseCluster(text, 9), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  });
}

Deno.test("readSlurm numbers tasks in blocks of nodes", () => {
  const unset = { SLURM_PROCID: undefined };
  const step = {
    SLURM_STEP_NODELIST: "n[09-10],gpu-1",
    SLURM_STEP_TASKS_PER_NODE: "2(x2),1",
  };
  assert.deepEqual(readSlurm({ ...step, SLURM_PROCID: "3" }, 5), {
    addresses: ["n09:2222", "n09:2223", "n10:2222", "n10:2223", "gpu-1:2222"],
    index: 3,
    timeout: 5,
  });
  const alone = { SLURM_STEP_NODELIST: "n1", SLURM_STEP_TASKS_PER_NODE: "1", SLURM_PROCID: "0" };
  assert.equal(readSlurm(alone, 5), undefined);
  assert.throws(
    () => readSlurm({ ...unset, ...step }, 5),
    /SLURM_PROCID is not set: start them with srun/,
  );
  assert.throws(() => readSlurm({ ...step, SLURM_PROCID: "5" }, 5), /from 0 to 4/);
  const other = { ...step, SLURM_STEP_TASKS_PER_NODE: "2", SLURM_PROCID: "0" };
  assert.throws(() => readSlurm(other, 5), /3 nodes and "2" tasks of 1/);
});

Deno.test("node lists and task counts are read as Slurm writes them, or refused", () => {
  assert.deepEqual(nodeNames("a[08-10,12]-x,b"), ["a08-x", "a09-x", "a10-x", "a12-x", "b"]);
  assert.deepEqual(nodeNames("r[1-2]c[0-1]"), ["r1c0", "r1c1", "r2c0", "r2c1"]);
  assert.deepEqual(tasksPerNode("4,2(x3)"), [4, 2, 2, 2]);
  assert.throws(() => nodeNames("a[1-2"), /must be like/);
  assert.throws(() => tasksPerNode("2x3"), /must be like/);
});

const docs = join(import.meta.dirname!, "..", "..", "docs", "cluster");

Deno.test("the Slurm script starts a task that reads what srun sets", async () => {
  const script = await Deno.readTextFile(join(docs, "slurm.sh"));
  assert.match(script, /^#!\/bin\/bash\n/);
  const settings = Array.from(script.matchAll(/^#SBATCH --([a-z-]+)=?/gm), ([, name]) => name);
  for (const name of ["nodes", "ntasks-per-node", "cpus-per-task", "signal"]) {
    assert.ok(settings.includes(name), name);
  }
  assert.match(script, /^srun .*deno task train .*--workers-from slurm/m);
});

Deno.test("the Kubeflow manifest is a TFJob, whose operator's TF_CONFIG is read", async () => {
  const job = JSON.parse(await Deno.readTextFile(join(docs, "kubeflow.json")));
  assert.deepEqual([job.apiVersion, job.kind], ["kubeflow.org/v1", "TFJob"]);
  const { metadata: { name, namespace }, spec: { tfReplicaSpecs } } = job;
  assert.deepEqual(Object.keys(tfReplicaSpecs), ["Worker"]);
  const { replicas, restartPolicy, template: { spec: { containers: [container] } } } =
    tfReplicaSpecs.Worker;
  assert.equal(restartPolicy, "OnFailure");
  // The operator looks for a container and a port of these names.
  assert.equal(container.name, "tensorflow");
  const { containerPort } = container.ports.find((port: { name: string }) =>
    port.name === "tfjob-port"
  );
  const worker = Array.from(
    { length: replicas },
    (_, index) => `${name}-worker-${index}.${namespace}.svc:${containerPort}`,
  );
  const text = JSON.stringify({
    cluster: { worker },
    task: { type: "worker", index: 1 },
    environment: "cloud",
  });
  assert.deepEqual(parseCluster(text, 300), { addresses: worker, index: 1, timeout: 300 });
});

import { images8, network, onPixels, predict } from "../testing/victims.ts";
import { testGoldenAttacks } from "../testing/golden.ts";

const epsilon = 0.1;

testGoldenAttacks(
  new URL("./golden.json", import.meta.url),
  {
    create() {
      const victim = onPixels(network(3));
      const clean = images8(4, 1);
      return { victim, clean, labels: predict(victim, clean) };
    },
    silent: ["gaussian"],
  },
  [
    { name: "apgd", epsilon: 0.05, steps: 6, objective: "cw-margin", restarts: 2 },
    { name: "apgd-ce", epsilon, steps: 10 },
    { name: "apgd-ce", epsilon: 0.02, steps: 10, untilFooled: true },
    { name: "apgd-ce", epsilon: 0.5, steps: 10, norm: "l2", restarts: 2 },
    { name: "apgd-dlr", epsilon: 0.02, steps: 10 },
    { name: "apgd-t", epsilon: 0.02, steps: 6, targets: 2 },
    { name: "autoattack", epsilon: 0.05, version: "rand", draws: 1 },
    { name: "autoattack-fast", epsilon },
    { name: "fgsm", epsilon },
    { name: "fgsm", epsilon, targeted: true },
    { name: "bim", epsilon, steps: 4 },
    { name: "bim", epsilon, steps: 4, stepSize: 0.2, return: "best" },
    { name: "pgd", epsilon, steps: 4 },
    { name: "pgd", epsilon, steps: 3, restarts: 2 },
    { name: "pgd", epsilon, steps: 4, objective: "kl", randomStart: "trades" },
    { name: "pgd", epsilon: 2, steps: 4, norm: "l2" },
    { name: "pgd-cw", epsilon, steps: 4 },
    { name: "pgd-cw", epsilon, steps: 4, confidence: 0, targeted: true },
    { name: "deepfool", epsilon, steps: 5 },
    { name: "deepfool", epsilon: Infinity, norm: "l2", steps: 5, candidates: 3 },
    { name: "carlini-wagner", epsilon, steps: 10, binarySearchSteps: 2, initialConstant: 1 },
    { name: "latent", epsilon, steps: 10, binarySearchSteps: 2 },
    { name: "latent", epsilon: Infinity, norm: "l2", steps: 5, confidence: 1 },
    { name: "mi-fgsm", epsilon, steps: 4 },
    { name: "mi-fgsm", epsilon: 2, norm: "l2", steps: 4, decay: 0.5, targeted: true },
    { name: "di-fgsm", epsilon, steps: 4, smallest: 0.5 },
    { name: "feature", epsilon, steps: 4 },
    { name: "noise", epsilon, draws: 5 },
    { name: "noise", epsilon: 2, norm: "l2", draws: 5 },
    { name: "hop-skip-jump", epsilon, steps: 2, probes: 10 },
    { name: "hop-skip-jump", epsilon: Infinity, norm: "l2", steps: 2, probes: 10 },
    { name: "gaussian", epsilon },
    { name: "fab", epsilon, steps: 4 },
    { name: "fab", epsilon: 1, norm: "l2", steps: 4, restarts: 2 },
    { name: "fab-t", epsilon: 0.02, steps: 4, restarts: 2 },
    { name: "fab-t", epsilon: 0.3, norm: "l2", steps: 4, targets: 2 },
    { name: "square", epsilon: 0.05, queries: 30 },
    { name: "square", epsilon: 0.5, norm: "l2", queries: 30, rescaled: true, restarts: 2 },
    { name: "square", epsilon, queries: 10, objective: "kl" },
    { name: "mixture", epsilon, members: [{ name: "fgsm" }, { name: "pgd", steps: 2 }] },
    { name: "strongest", epsilon, members: [{ name: "fgsm" }, { name: "pgd", steps: 2 }] },
  ],
);

/**
 * What core exports is a decision: a name that comes or goes is written down here. Types are not seen.
 */
import * as core from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { root } from "./source_files.ts";

/** All values of `@realign/core`. */
const NAMES = `
ANY_ATTACKER AttackCache ByteCache HeldTensors IGNORED_CLASS IMAGENET MOST_CONFUSED_CLASSES
MovingAverage Optimizer PAPER_SUITE Parameters START_STAGE SUBMITTED THREAT_MODELS Trainer
UNDEFENDED above adam adversarialPreset adversarialTrainings adversaryOf alternatingSource assertTarget assertTask atLeast attackCost
attackerBehind attackersIn attacksSubstitutes authorsPreset authorsValues between cachedPasses cachedSource
centreDistance checkEvaluation checkRun checkTarget columnsOf constantLabelImages constantRate
constantThenLinear countSteps createDiscriminator createEvaluationBatches createGenerator
createGeneratorMethod createGeneratorTraining createPerceptual createRandom createSystems
createTargetMethod createTargetTraining createTrainStep createTraining createTrainingAttack
createTrainingBatches curvesOf decodeNumbers defaultText didYouMean epsilonOf epsilonOver evaluateColumn
evaluateSystems evaluationOf fillTrainingCache flag flipPicture formatSafetensors freshAdversaries
freshSource gradientsOf hasWeights imagesOf isBy isModelFile isWorstCase learningRateAt loadWeights lookUp mapTargets measureWeights
measuredExamples measuringOrder movingOf neighbourAgreement noStorage normalizeImages oneCycle oneOf
option paperGenerator paperLosses paperNetworks paperResults paperTraining paperValues
parseSafetensors pause picturesOf presetOn publishedFigure publishedOf readTerms resizeImages
robustLosses robustPreset runGeneratorTraining runTargetTraining sgd shiftPicture silhouette
smallNetworks smallTraining startingPreset startingSource storedFeatures trainGenerator trainTarget
undefended variablesOf victimOf wholeFrom wilsonInterval windowStarts withAdversarialTraining withDetail withLossValues withOwnTargets
withSuite word worstCases worstOfAll
`;

Deno.test("@realign/core exports the names that are meant", () => {
  assert.deepEqual(Object.keys(core).toSorted(), NAMES.trim().split(/\s+/).toSorted());
});

Deno.test("entry points of core export by name", async () => {
  const config = JSON.parse(await Deno.readTextFile(join(root, "core", "deno.json"))) as {
    exports: Record<string, string>;
  };
  for (const path of Object.values(config.exports)) {
    if (path.endsWith("tf.ts")) continue; // TensorFlow.js as a whole
    const source = await Deno.readTextFile(join(root, "core", path));
    assert.doesNotMatch(source, /^export \*/m, path);
  }
});

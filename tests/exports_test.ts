/**
 * What core exports is a decision: a name that comes or goes is written down here. Types are not seen.
 */
import * as core from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { root } from "./source_files.ts";

/** All values of `@realign/core`. */
const NAMES = `
AttackCache ByteCache HeldTensors IGNORED_CLASS IMAGENET MOST_CONFUSED_CLASSES MovingAverage
Optimizer Parameters START_STAGE THREAT_MODELS Trainer UNDEFENDED above adam assertTarget assertTask atLeast
adversaryOf alternatingSource attackerBehind attackersIn attacksSubstitutes authorsPreset authorsValues between
cachedSource centreDistance chanceAlarms changedNothing checkEvaluation checkRun checkTarget
columnsOf constantLabelImages constantRate constantThenLinear countSteps createDiscriminator
createEvaluationBatches createGenerator createGeneratorMethod createGeneratorTraining
createPerceptual createRandom createSystems createTargetMethod createTargetTraining createTrainStep
createTraining createTrainingAttack createTrainingBatches defaultText didYouMean epsilonOver
evaluateColumn evaluateSystems evaluationOf failedAttackAlarms fewExamplesAlarms fillTrainingCache
flag flipPicture formatSafetensors freshAdversaries freshSource gradientsOf imagesOf isBy learningRateAt loadWeights
lookUp mapTargets maskingAlarms measureWeights measuredExamples movingOf neighbourAgreement
noStorage normalizeImages notNumberAlarms oneCycle oneOf option paperGenerator paperLosses
paperNetworks paperResults paperTraining paperValues parseSafetensors pause picturesOf presetOn
publishedFigure publishedOf readTerms resizeImages robustLosses robustPreset runGeneratorTraining runTargetTraining sgd
shiftPicture silhouette smallNetworks smallTraining specificAlarms startingPreset startingSource storedFeatures
trainGenerator trainTarget undefended variablesOf victimOf wholeFrom wilsonInterval withDetail
withLossValues withOwnTargets word worstCases
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

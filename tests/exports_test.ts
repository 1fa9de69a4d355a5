/**
 * What core exports is a decision: a name that comes or goes is written down here. Types are not seen.
 */
import * as core from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { root } from "./source_files.ts";

/** All values of `@realign/core`. */
const NAMES = `
ALARMS ANY_ATTACKER AttackCache ByteCache HeldTensors IGNORED_CLASS IMAGENET MOST_CONFUSED_CLASSES
MovingAverage Optimizer PAPER_SUITE Parameters START_STAGE SUBMITTED THREAT_MODELS Trainer
UNDEFENDED above adam adversaryOf alternatingSource assertTarget assertTask atLeast attackerBehind
attackersIn attacksSubstitutes authorsPreset authorsValues between cachedSource centreDistance
certificateOf certifiedAccuracy certifiedRadius certifyImage changedNothing checkEvaluation checkRun
checkTarget clopperPearsonLower columnsOf concerns constantLabelImages constantRate
constantThenLinear countSteps createClassCounter createDiscriminator createEvaluationBatches
createGenerator createGeneratorMethod createGeneratorTraining createPerceptual createRandom
createSystems createTargetMethod createTargetTraining createTrainStep createTraining
createTrainingAttack createTrainingBatches curvesOf defaultText didYouMean epsilonOf epsilonOver
evaluateColumn evaluateSystems evaluationOf fewExamplesAlarms fillTrainingCache flag flipPicture
formatSafetensors freshAdversaries freshSource gradientsOf imagesOf isBy largestRadius
learningRateAt loadWeights lookUp mapTargets measureWeights measuredExamples measuringOrder movingOf
neighbourAgreement noStorage normalQuantile normalizeImages notNumberAlarms oneCycle oneOf option
paperGenerator paperLosses paperNetworks paperResults paperTraining paperValues parseSafetensors
passesOf pause picturesOf presetOn probeSystem publishedFigure publishedOf raiseAlarms readTerms
resizeImages robustLosses robustPreset runGeneratorTraining runTargetTraining sgd shiftPicture
silhouette smallNetworks smallTraining smoothingRefusal startingPreset startingSource storedFeatures
trainGenerator trainTarget undefended variablesOf victimOf wholeFrom wilsonInterval withAlarms
withDetail withLossValues withOwnTargets withSuite word worstCases worstOfAll
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

/**
 * Several processes that train one network.
 *
 * @module
 */
export { ownDraws } from "./draws.ts";
export { gathered, meanOfWorkers, meansOfWorkers } from "./exchange.ts";
export { fromAll, fromFirst } from "./messages.ts";
export { foundByAll, inShares } from "./divided_work.ts";
export { activeWorkers, ownRows, setWorkers, type Workers } from "./workers.ts";

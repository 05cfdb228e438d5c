/** Skylane's customers: each is one tenant. */
export const AIRLINES = [
  { code: "UA", name: "United Air Lines" },
  { code: "B6", name: "JetBlue Airways" },
  { code: "EV", name: "ExpressJet Airlines" },
  { code: "DL", name: "Delta Air Lines" },
  { code: "AA", name: "American Airlines" },
  { code: "MQ", name: "Envoy Air" },
  { code: "US", name: "US Airways" },
  { code: "9E", name: "Endeavor Air" },
  { code: "WN", name: "Southwest Airlines" },
  { code: "VX", name: "Virgin America" },
  { code: "FL", name: "AirTran Airways" },
  { code: "AS", name: "Alaska Airlines" },
  { code: "F9", name: "Frontier Airlines" },
  { code: "YV", name: "Mesa Airlines" },
  { code: "HA", name: "Hawaiian Airlines" },
  { code: "OO", name: "SkyWest Airlines" },
];

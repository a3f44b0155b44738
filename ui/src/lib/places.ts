/** Canada's provinces and territories: they decide the taxes. */
export const PROVINCES: readonly (readonly [string, string])[] = [
  ["AB", "Alberta"],
  ["BC", "British Columbia"],
  ["MB", "Manitoba"],
  ["NB", "New Brunswick"],
  ["NL", "Newfoundland and Labrador"],
  ["NS", "Nova Scotia"],
  ["NT", "Northwest Territories"],
  ["NU", "Nunavut"],
  ["ON", "Ontario"],
  ["PE", "Prince Edward Island"],
  ["QC", "Quebec"],
  ["SK", "Saskatchewan"],
  ["YT", "Yukon"],
];

const CODES =
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

const LOCALE = "en-CA";
let names: Intl.DisplayNames | undefined;

/** The name of a country; how to name them is made when it is first asked for. */
export function countryName(code: string): string {
  names ??= new Intl.DisplayNames(LOCALE, { type: "region" });
  return names.of(code) ?? code;
}

/** Every country, Canada first: it is where nearly everybody here lives. */
export function countries(): readonly (readonly [string, string])[] {
  const { compare } = new Intl.Collator(LOCALE); // one for all: making it is what costs
  const others = CODES.split(" ").filter((code) => code !== "CA");
  const sorted = others
    .map((code) => [code, countryName(code)] as const)
    .sort(([, one], [, other]) => compare(one, other));
  return [["CA", countryName("CA")], ...sorted];
}

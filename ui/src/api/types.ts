import type { components } from "./schema";

type Schemas = components["schemas"];

export type User = Schemas["UserView"];
export type Ticket = Schemas["TicketView"];
export type TicketChange = Schemas["TicketChange"];
export type TicketDraft = Schemas["TicketDraft"];
export type TicketPage = Schemas["TicketPage"];
export type Order = Schemas["OrderView"];
export type OrderPage = Schemas["OrderPage"];
export type BillingDraft = Schemas["BillingDraft"];
export type Config = Schemas["ConfigView"];
export type Account = Schemas["AccountView"];
export type Session = Schemas["SessionView"];
export type Token = Schemas["TokenView"];
export type NewToken = Schemas["NewTokenView"];
export type Scope = Token["scopes"][number];

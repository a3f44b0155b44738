import type { components } from "@/api/schema";

type Schemas = components["schemas"];

export type Purchase = Schemas["PurchaseView"];
export type PurchasePage = Schemas["PurchasePage"];
export type PurchaseDetail = Schemas["PurchaseDetail"];
export type PurchaseEvent = Schemas["EventView"];
export type Workflow = Schemas["WorkflowView"];
export type Finding = Schemas["FindingView"];
export type Action = PurchaseDetail["actions"][number];
export type Board = Schemas["Board"];
export type LastCheck = Schemas["LastCheck"];

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

type Times = { created_at: string; updated_at: string; version: number }
type Goals = Times & {
  id: string; owner_id: string; title: string; description: string
  status: Database["public"]["Enums"]["goal_status"]; priority: number; colour: string | null; icon: string | null
  starts_on: string | null; due_at: string | null; position: string; custom: Json; progress: number
  completed_at: string | null; deleted_at: string | null
}
type Tasks = Times & {
  id: string; owner_id: string; goal_id: string | null; parent_id: string | null; title: string; description: string
  status: Database["public"]["Enums"]["task_status"]; priority: number; assignee_id: string | null
  due_at: string | null; remind_at: string | null; rrule: string | null; tags: string[]; position: string; custom: Json
  completed_at: string | null; search: unknown; deleted_at: string | null
}
type Profiles = Times & {
  id: string; username: string; display_name: string; avatar_url: string | null; locale: string; time_zone: string
  preferences: Json; status: Database["public"]["Enums"]["profile_status"]
}
type Activities = {
  id: string; user_id: string; actor_id: string | null; kind: string; entity: string; entity_id: string; data: Json; created_at: string
}
type Table<Row, Needed extends keyof Row> = { Row: Row; Insert: Pick<Row, Needed> & Partial<Row>; Update: Partial<Row>; Relationships: [] }

export type Database = {
  public: {
    Tables: {
      goals: Table<Goals, "title">
      tasks: Table<Tasks, "title">
      profiles: Table<Profiles, "id">
      activities: Table<Activities, "id">
    }
    Views: { [_ in never]: never }
    Functions: {
      goal_create: { Args: { goal: Json; tasks: Json }; Returns: Json }
      lookup_profile: { Args: { username: string }; Returns: Json }
      my_limits: { Args: never; Returns: { kind: string; max: number; used: number }[] }
      username_available: { Args: { username: string }; Returns: boolean }
    }
    Enums: {
      goal_status: "open" | "done" | "dropped" | "archived"
      profile_status: "active" | "suspended"
      task_status: "todo" | "doing" | "blocked" | "done" | "cancelled"
    }
    CompositeTypes: { [_ in never]: never }
  }
}

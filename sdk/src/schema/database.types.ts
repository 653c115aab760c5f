export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      activities: {
        Row: {
          actor_id: string | null;
          created_at: string;
          data: NonNullable<Json>;
          entity: Database["public"]["Enums"]["activity_entity"];
          entity_id: string;
          id: string;
          kind: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          actor_id?: string | null;
          created_at?: string;
          data?: NonNullable<Json>;
          entity: Database["public"]["Enums"]["activity_entity"];
          entity_id: string;
          id?: string;
          kind: string;
          user_id: string;
        };
        Update: {
          actor_id?: string | null;
          created_at?: string;
          data?: NonNullable<Json>;
          entity?: Database["public"]["Enums"]["activity_entity"];
          entity_id?: string;
          id?: string;
          kind?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "activities_actor_id_fkey";
            columns: ["actor_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "activities_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      goals: {
        Row: {
          colour: string | null;
          completed_at: string | null;
          created_at: string;
          custom: NonNullable<Json>;
          deleted_at: string | null;
          description: string;
          due_at: string | null;
          due_sort: string;
          icon: string | null;
          id: string;
          owner_id: string;
          position: string;
          priority: number;
          progress: number;
          search: unknown;
          starts_on: string | null;
          status: Database["public"]["Enums"]["goal_status"];
          tasks_done: number;
          tasks_total: number;
          title: string;
          updated_at: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          colour?: string | null;
          completed_at?: string | null;
          created_at?: string;
          custom?: NonNullable<Json>;
          deleted_at?: string | null;
          description?: string;
          due_at?: string | null;
          due_sort?: never;
          icon?: string | null;
          id?: string;
          owner_id?: string;
          position?: string;
          priority?: number;
          progress?: never;
          search?: never;
          starts_on?: string | null;
          status?: Database["public"]["Enums"]["goal_status"];
          tasks_done?: number;
          tasks_total?: number;
          title: string;
          updated_at?: string;
          version?: number;
        };
        Update: {
          colour?: string | null;
          completed_at?: string | null;
          created_at?: string;
          custom?: NonNullable<Json>;
          deleted_at?: string | null;
          description?: string;
          due_at?: string | null;
          due_sort?: never;
          icon?: string | null;
          id?: string;
          owner_id?: string;
          position?: string;
          priority?: number;
          progress?: never;
          search?: never;
          starts_on?: string | null;
          status?: Database["public"]["Enums"]["goal_status"];
          tasks_done?: number;
          tasks_total?: number;
          title?: string;
          updated_at?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: "goals_owner_id_fkey";
            columns: ["owner_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      limits: {
        Row: {
          id: string;
          kind: Database["public"]["Enums"]["limit_kind"];
          max: number;
          plan: string | null;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          id?: string;
          kind: Database["public"]["Enums"]["limit_kind"];
          max: number;
          plan?: string | null;
          user_id?: string | null;
        };
        Update: {
          id?: string;
          kind?: Database["public"]["Enums"]["limit_kind"];
          max?: number;
          plan?: string | null;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "limits_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      profiles: {
        Row: {
          avatar_url: string | null;
          created_at: string;
          display_name: string;
          id: string;
          locale: string;
          plan: string;
          preferences: NonNullable<Json>;
          status: Database["public"]["Enums"]["profile_status"];
          time_zone: string;
          updated_at: string;
          username: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          avatar_url?: string | null;
          created_at?: string;
          display_name: string;
          id: string;
          locale?: string;
          plan?: string;
          preferences?: NonNullable<Json>;
          status?: Database["public"]["Enums"]["profile_status"];
          time_zone?: string;
          updated_at?: string;
          username: string;
          version?: number;
        };
        Update: {
          avatar_url?: string | null;
          created_at?: string;
          display_name?: string;
          id?: string;
          locale?: string;
          plan?: string;
          preferences?: NonNullable<Json>;
          status?: Database["public"]["Enums"]["profile_status"];
          time_zone?: string;
          updated_at?: string;
          username?: string;
          version?: number;
        };
        Relationships: [];
      };
      tasks: {
        Row: {
          assignee_id: string | null;
          completed_at: string | null;
          created_at: string;
          custom: NonNullable<Json>;
          deleted_at: string | null;
          description: string;
          due_at: string | null;
          due_sort: string;
          goal_id: string | null;
          id: string;
          owner_id: string;
          parent_id: string | null;
          position: string;
          priority: number;
          remind_at: string | null;
          rrule: string | null;
          search: unknown;
          status: Database["public"]["Enums"]["task_status"];
          tags: string[];
          title: string;
          updated_at: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          assignee_id?: string | null;
          completed_at?: string | null;
          created_at?: string;
          custom?: NonNullable<Json>;
          deleted_at?: string | null;
          description?: string;
          due_at?: string | null;
          due_sort?: never;
          goal_id?: string | null;
          id?: string;
          owner_id?: string;
          parent_id?: string | null;
          position?: string;
          priority?: number;
          remind_at?: string | null;
          rrule?: string | null;
          search?: never;
          status?: Database["public"]["Enums"]["task_status"];
          tags?: string[];
          title: string;
          updated_at?: string;
          version?: number;
        };
        Update: {
          assignee_id?: string | null;
          completed_at?: string | null;
          created_at?: string;
          custom?: NonNullable<Json>;
          deleted_at?: string | null;
          description?: string;
          due_at?: string | null;
          due_sort?: never;
          goal_id?: string | null;
          id?: string;
          owner_id?: string;
          parent_id?: string | null;
          position?: string;
          priority?: number;
          remind_at?: string | null;
          rrule?: string | null;
          search?: never;
          status?: Database["public"]["Enums"]["task_status"];
          tags?: string[];
          title?: string;
          updated_at?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: "tasks_assignee_id_fkey";
            columns: ["assignee_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "tasks_goal_id_fkey";
            columns: ["goal_id"];
            isOneToOne: false;
            referencedRelation: "goals";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "tasks_owner_id_fkey";
            columns: ["owner_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "tasks_parent_id_fkey";
            columns: ["parent_id"];
            isOneToOne: false;
            referencedRelation: "tasks";
            referencedColumns: ["id"];
          },
        ];
      };
      user_roles: {
        Row: {
          granted_at: string;
          role: Database["public"]["Enums"]["user_role"];
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          granted_at?: string;
          role: Database["public"]["Enums"]["user_role"];
          user_id: string;
        };
        Update: {
          granted_at?: string;
          role?: Database["public"]["Enums"]["user_role"];
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "user_roles_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      check_username: { Args: { username: string }; Returns: undefined };
      feed_since: { Args: { limit?: number; n: number }; Returns: Json };
      find_goals: {
        Args: { custom?: Json; query?: string };
        Returns: {
          colour: string | null;
          completed_at: string | null;
          created_at: string;
          custom: NonNullable<Json>;
          deleted_at: string | null;
          description: string;
          due_at: string | null;
          due_sort: string;
          icon: string | null;
          id: string;
          owner_id: string;
          position: string;
          priority: number;
          progress: number;
          search: unknown;
          starts_on: string | null;
          status: Database["public"]["Enums"]["goal_status"];
          tasks_done: number;
          tasks_total: number;
          title: string;
          updated_at: string;
          version: number;
        }[];
        SetofOptions: {
          from: "*";
          to: "goals";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      find_tasks: {
        Args: { custom?: Json; query?: string; tags?: string[] };
        Returns: {
          assignee_id: string | null;
          completed_at: string | null;
          created_at: string;
          custom: NonNullable<Json>;
          deleted_at: string | null;
          description: string;
          due_at: string | null;
          due_sort: string;
          goal_id: string | null;
          id: string;
          owner_id: string;
          parent_id: string | null;
          position: string;
          priority: number;
          remind_at: string | null;
          rrule: string | null;
          search: unknown;
          status: Database["public"]["Enums"]["task_status"];
          tags: string[];
          title: string;
          updated_at: string;
          version: number;
        }[];
        SetofOptions: {
          from: "*";
          to: "tasks";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      function_admit: {
        Args: { bucket: string; caller: string; claims?: Json; most: number; seconds: number };
        Returns: Json;
      };
      goal_create: { Args: { goal: Json; tasks?: Json }; Returns: Json };
      is_free_of_controls: { Args: { value: string }; Returns: boolean };
      is_free_of_markup: { Args: { value: string }; Returns: boolean };
      is_one_line: { Args: { value: string }; Returns: boolean };
      is_plain_line: { Args: { value: string }; Returns: boolean };
      is_plain_text: { Args: { value: string }; Returns: boolean };
      json_is_plain: { Args: { value: Json }; Returns: boolean };
      lookup_profile: { Args: { username: string }; Returns: Json };
      mail_unsubscribe: { Args: { token: string }; Returns: string };
      my_limits: {
        Args: Record<PropertyKey, never>;
        Returns: {
          kind: string;
          max: number;
          used: number;
        }[];
      };
      my_mail_preferences: {
        Args: Record<PropertyKey, never>;
        Returns: {
          kind: string;
          wanted: boolean;
        }[];
      };
      my_sessions: {
        Args: Record<PropertyKey, never>;
        Returns: {
          created_at: string;
          current: boolean;
          id: string;
          ip: string;
          last_used_at: string;
          user_agent: string;
        }[];
      };
      my_topic: { Args: Record<PropertyKey, never>; Returns: Json };
      revoke_session: { Args: { session_id: string }; Returns: boolean };
      set_mail_preference: { Args: { kind: string; wanted: boolean }; Returns: boolean };
      tags_are_plain: { Args: { value: string[] }; Returns: boolean };
      username_available: { Args: { username: string }; Returns: boolean };
      worker_claim: { Args: { quantity: number; queue: string; seconds: number }; Returns: Json };
      worker_fail: {
        Args: {
          data: Json;
          final?: boolean;
          job: string;
          kind: string;
          message: number;
          queue: string;
          reason: string;
        };
        Returns: number;
      };
      worker_finish: { Args: { messages: number[]; queue: string }; Returns: number };
      worker_mail_begin: { Args: { mail: string }; Returns: Json };
      worker_mail_sent: { Args: { mail: string; provider_id?: string }; Returns: boolean };
      worker_perform: { Args: { jobs: Json }; Returns: Json };
    };
    Enums: {
      activity_entity: "goal" | "task";
      goal_status: "open" | "done" | "dropped" | "archived";
      limit_kind: "goals" | "tasks";
      profile_status: "active" | "suspended";
      task_status: "todo" | "doing" | "blocked" | "done" | "cancelled";
      user_role: "admin" | "member";
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {
      activity_entity: ["goal", "task"],
      goal_status: ["open", "done", "dropped", "archived"],
      limit_kind: ["goals", "tasks"],
      profile_status: ["active", "suspended"],
      task_status: ["todo", "doing", "blocked", "done", "cancelled"],
      user_role: ["admin", "member"],
    },
  },
} as const;

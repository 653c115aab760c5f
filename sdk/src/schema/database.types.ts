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
      backups: {
        Row: {
          backup: string;
          created_at: string;
          number: number;
          root: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          backup: string;
          created_at?: string;
          number: number;
          root: string;
          user_id: string;
        };
        Update: {
          backup?: string;
          created_at?: string;
          number?: number;
          root?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "backups_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      blocks: {
        Row: {
          blocked_id: string;
          created_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          blocked_id: string;
          created_at?: string;
          user_id: string;
        };
        Update: {
          blocked_id?: string;
          created_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "blocks_blocked_id_fkey";
            columns: ["blocked_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "blocks_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      device_approvals: {
        Row: {
          answer: string | null;
          answered_at: string | null;
          created_at: string;
          id: string;
          request: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          answer?: string | null;
          answered_at?: string | null;
          created_at?: string;
          id: string;
          request: string;
          user_id: string;
        };
        Update: {
          answer?: string | null;
          answered_at?: string | null;
          created_at?: string;
          id?: string;
          request?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "device_approvals_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      device_log: {
        Row: {
          created_at: string;
          entry: string;
          hash: string;
          op: number;
          root: string;
          seq: number;
          signer: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          entry: string;
          hash: string;
          op: number;
          root: string;
          seq: number;
          signer: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          entry?: string;
          hash?: string;
          op?: number;
          root?: string;
          seq?: number;
          signer?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "device_log_root_fkey";
            columns: ["user_id", "root"];
            isOneToOne: false;
            referencedRelation: "identities";
            referencedColumns: ["user_id", "root"];
          },
        ];
      };
      device_names: {
        Row: {
          opening: string;
          root: string;
          seq: number;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          opening: string;
          root: string;
          seq: number;
          user_id: string;
        };
        Update: {
          opening?: string;
          root?: string;
          seq?: number;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "device_names_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      devices: {
        Row: {
          added_seq: number;
          created_at: string;
          id: string;
          kind: string;
          revoked_seq: number | null;
          root: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          added_seq: number;
          created_at?: string;
          id: string;
          kind: string;
          revoked_seq?: number | null;
          root: string;
          user_id: string;
        };
        Update: {
          added_seq?: number;
          created_at?: string;
          id?: string;
          kind?: string;
          revoked_seq?: number | null;
          root?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "devices_root_fkey";
            columns: ["user_id", "root"];
            isOneToOne: false;
            referencedRelation: "identities";
            referencedColumns: ["user_id", "root"];
          },
        ];
      };
      epoch_recipients: {
        Row: {
          device_id: string;
          epoch: number;
          room_id: string;
          user_id: string;
          wrap: string;
        };
        ComputedFields: never;
        Insert: {
          device_id: string;
          epoch: number;
          room_id: string;
          user_id: string;
          wrap: string;
        };
        Update: {
          device_id?: string;
          epoch?: number;
          room_id?: string;
          user_id?: string;
          wrap?: string;
        };
        Relationships: [];
      };
      file_versions: {
        Row: {
          completed_at: string | null;
          created_at: string;
          expires_at: string | null;
          file_id: string;
          hash: string | null;
          number: number;
          owner_id: string;
          path: string;
          sealed: string | null;
          size: number;
          state: Database["public"]["Enums"]["file_state"];
          upload_id: string;
        };
        ComputedFields: never;
        Insert: {
          completed_at?: string | null;
          created_at?: string;
          expires_at?: string | null;
          file_id: string;
          hash?: string | null;
          number: number;
          owner_id: string;
          path?: never;
          sealed?: string | null;
          size: number;
          state?: Database["public"]["Enums"]["file_state"];
          upload_id: string;
        };
        Update: {
          completed_at?: string | null;
          created_at?: string;
          expires_at?: string | null;
          file_id?: string;
          hash?: string | null;
          number?: number;
          owner_id?: string;
          path?: never;
          sealed?: string | null;
          size?: number;
          state?: Database["public"]["Enums"]["file_state"];
          upload_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "file_versions_file_id_fkey";
            columns: ["file_id"];
            isOneToOne: false;
            referencedRelation: "files";
            referencedColumns: ["id"];
          },
        ];
      };
      files: {
        Row: {
          attachment: boolean;
          content_version: number | null;
          created_at: string;
          deleted_at: string | null;
          encrypted: boolean;
          folder_id: string | null;
          hash: string | null;
          id: string;
          last_number: number;
          media_type: string | null;
          name: string | null;
          owner_id: string;
          place: string;
          room_id: string | null;
          room_since: number | null;
          sealed: string | null;
          shown: boolean;
          shown_in: string | null;
          size: number;
          state: Database["public"]["Enums"]["file_state"];
          updated_at: string;
          uploaded_at: string | null;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          attachment?: boolean;
          content_version?: number | null;
          created_at?: string;
          deleted_at?: string | null;
          encrypted: boolean;
          folder_id?: string | null;
          hash?: string | null;
          id: string;
          last_number?: number;
          media_type?: string | null;
          name?: string | null;
          owner_id: string;
          place?: never;
          room_id?: string | null;
          room_since?: number | null;
          sealed?: string | null;
          shown?: never;
          shown_in?: never;
          size: number;
          state?: Database["public"]["Enums"]["file_state"];
          updated_at?: string;
          uploaded_at?: string | null;
          version?: number;
        };
        Update: {
          attachment?: boolean;
          content_version?: number | null;
          created_at?: string;
          deleted_at?: string | null;
          encrypted?: boolean;
          folder_id?: string | null;
          hash?: string | null;
          id?: string;
          last_number?: number;
          media_type?: string | null;
          name?: string | null;
          owner_id?: string;
          place?: never;
          room_id?: string | null;
          room_since?: number | null;
          sealed?: string | null;
          shown?: never;
          shown_in?: never;
          size?: number;
          state?: Database["public"]["Enums"]["file_state"];
          updated_at?: string;
          uploaded_at?: string | null;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: "files_folder_id_fkey";
            columns: ["folder_id"];
            isOneToOne: false;
            referencedRelation: "folders";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "files_owner_id_fkey";
            columns: ["owner_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "files_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
        ];
      };
      folders: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          depth: number;
          id: string;
          name: string | null;
          owner_id: string;
          parent_id: string | null;
          sealed: string | null;
          updated_at: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          depth: number;
          id: string;
          name?: string | null;
          owner_id: string;
          parent_id?: string | null;
          sealed?: string | null;
          updated_at?: string;
          version?: number;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          depth?: number;
          id?: string;
          name?: string | null;
          owner_id?: string;
          parent_id?: string | null;
          sealed?: string | null;
          updated_at?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: "folders_owner_id_fkey";
            columns: ["owner_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "folders_parent_id_fkey";
            columns: ["parent_id"];
            isOneToOne: false;
            referencedRelation: "folders";
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
      identities: {
        Row: {
          created_at: string;
          retired_at: string | null;
          root: string;
          rows: number;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          retired_at?: string | null;
          root: string;
          rows?: number;
          user_id: string;
        };
        Update: {
          created_at?: string;
          retired_at?: string | null;
          root?: string;
          rows?: number;
          user_id?: string;
        };
        Relationships: [];
      };
      join_requests: {
        Row: {
          created_at: string;
          invite: string;
          request: string;
          room_id: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          invite: string;
          request: string;
          room_id: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          invite?: string;
          request?: string;
          room_id?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "join_requests_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "join_requests_user_id_fkey";
            columns: ["user_id"];
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
      messages: {
        Row: {
          body: string | null;
          body_hash: string;
          class: number;
          device_id: string;
          device_seq: number;
          epoch: number;
          hash: string;
          header: string;
          id: string;
          received_at: string;
          room_id: string;
          sender_id: string;
          seq: number;
          signature: string;
        };
        ComputedFields: never;
        Insert: {
          body?: string | null;
          body_hash: string;
          class: number;
          device_id: string;
          device_seq: number;
          epoch: number;
          hash: string;
          header: string;
          id: string;
          received_at?: string;
          room_id: string;
          sender_id: string;
          seq: number;
          signature: string;
        };
        Update: {
          body?: string | null;
          body_hash?: string;
          class?: number;
          device_id?: string;
          device_seq?: number;
          epoch?: number;
          hash?: string;
          header?: string;
          id?: string;
          received_at?: string;
          room_id?: string;
          sender_id?: string;
          seq?: number;
          signature?: string;
        };
        Relationships: [
          {
            foreignKeyName: "messages_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
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
      read_marks: {
        Row: {
          last_read_seq: number;
          room_id: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          last_read_seq?: number;
          room_id: string;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          last_read_seq?: number;
          room_id?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "read_marks_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "read_marks_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      reports: {
        Row: {
          created_at: string;
          id: string;
          reason: string;
          reported_id: string;
          room_id: string | null;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          id?: string;
          reason: string;
          reported_id: string;
          room_id?: string | null;
          user_id: string;
        };
        Update: {
          created_at?: string;
          id?: string;
          reason?: string;
          reported_id?: string;
          room_id?: string | null;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "reports_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      room_epochs: {
        Row: {
          commit: string;
          committer: string;
          created_at: string;
          device_id: string;
          epoch: number;
          hash: string;
          room_id: string;
          room_seq: number;
        };
        ComputedFields: never;
        Insert: {
          commit: string;
          committer: string;
          created_at?: string;
          device_id: string;
          epoch: number;
          hash: string;
          room_id: string;
          room_seq: number;
        };
        Update: {
          commit?: string;
          committer?: string;
          created_at?: string;
          device_id?: string;
          epoch?: number;
          hash?: string;
          room_id?: string;
          room_seq?: number;
        };
        Relationships: [
          {
            foreignKeyName: "room_epochs_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
        ];
      };
      room_grants: {
        Row: {
          created_at: string;
          device_id: string;
          first_epoch: number;
          grantor: string;
          id: string;
          last_epoch: number;
          recipient: string;
          room_id: string;
          sealed: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          device_id: string;
          first_epoch: number;
          grantor: string;
          id?: string;
          last_epoch: number;
          recipient: string;
          room_id: string;
          sealed: string;
        };
        Update: {
          created_at?: string;
          device_id?: string;
          first_epoch?: number;
          grantor?: string;
          id?: string;
          last_epoch?: number;
          recipient?: string;
          room_id?: string;
          sealed?: string;
        };
        Relationships: [
          {
            foreignKeyName: "room_grants_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
        ];
      };
      room_invites: {
        Row: {
          created_at: string;
          expires_at: string | null;
          id: string;
          role: number;
          room_id: string;
          used: number;
          uses: number;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          expires_at?: string | null;
          id: string;
          role: number;
          room_id: string;
          used?: number;
          uses: number;
        };
        Update: {
          created_at?: string;
          expires_at?: string | null;
          id?: string;
          role?: number;
          room_id?: string;
          used?: number;
          uses?: number;
        };
        Relationships: [
          {
            foreignKeyName: "room_invites_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
        ];
      };
      room_log: {
        Row: {
          author: string;
          created_at: string;
          entry: string;
          hash: string;
          op: number;
          room_id: string;
          room_seq: number;
          seq: number;
        };
        ComputedFields: never;
        Insert: {
          author: string;
          created_at?: string;
          entry: string;
          hash: string;
          op: number;
          room_id: string;
          room_seq: number;
          seq: number;
        };
        Update: {
          author?: string;
          created_at?: string;
          entry?: string;
          hash?: string;
          op?: number;
          room_id?: string;
          room_seq?: number;
          seq?: number;
        };
        Relationships: [
          {
            foreignKeyName: "room_log_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
        ];
      };
      room_members: {
        Row: {
          erased: boolean;
          joined_at: string;
          left_at: string | null;
          role: number;
          room_id: string;
          root: string;
          since: number;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          erased?: boolean;
          joined_at?: string;
          left_at?: string | null;
          role: number;
          room_id: string;
          root: string;
          since: number;
          user_id: string;
        };
        Update: {
          erased?: boolean;
          joined_at?: string;
          left_at?: string | null;
          role?: number;
          room_id?: string;
          root?: string;
          since?: number;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "room_members_room_id_fkey";
            columns: ["room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["id"];
          },
        ];
      };
      rooms: {
        Row: {
          active_at: string;
          created_at: string;
          deleted_at: string | null;
          devices_rev: number;
          epoch: number;
          history: string;
          id: string;
          kind: string;
          last_seq: number;
          log_rows: number;
          minimum_suite: number;
          protocol: number;
          rekey_required: boolean;
          topic_rev: number;
          transcript: string;
        };
        ComputedFields: never;
        Insert: {
          active_at?: string;
          created_at?: string;
          deleted_at?: string | null;
          devices_rev?: number;
          epoch?: number;
          history: string;
          id: string;
          kind: string;
          last_seq?: number;
          log_rows?: number;
          minimum_suite: number;
          protocol: number;
          rekey_required?: boolean;
          topic_rev?: number;
          transcript: string;
        };
        Update: {
          active_at?: string;
          created_at?: string;
          deleted_at?: string | null;
          devices_rev?: number;
          epoch?: number;
          history?: string;
          id?: string;
          kind?: string;
          last_seq?: number;
          log_rows?: number;
          minimum_suite?: number;
          protocol?: number;
          rekey_required?: boolean;
          topic_rev?: number;
          transcript?: string;
        };
        Relationships: [];
      };
      share_events: {
        Row: {
          actor_id: string | null;
          created_at: string;
          file_id: string;
          id: string;
          kind: string;
          owner_id: string;
          share_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          actor_id?: string | null;
          created_at?: string;
          file_id: string;
          id?: string;
          kind: string;
          owner_id: string;
          share_id?: string | null;
        };
        Update: {
          actor_id?: string | null;
          created_at?: string;
          file_id?: string;
          id?: string;
          kind?: string;
          owner_id?: string;
          share_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "share_events_owner_id_fkey";
            columns: ["owner_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      share_users: {
        Row: {
          created_at: string;
          file_id: string;
          id: string;
          owner_id: string;
          since: number;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          file_id: string;
          id?: string;
          owner_id: string;
          since: number;
          user_id: string;
        };
        Update: {
          created_at?: string;
          file_id?: string;
          id?: string;
          owner_id?: string;
          since?: number;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "share_users_file_id_fkey";
            columns: ["file_id"];
            isOneToOne: false;
            referencedRelation: "files";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "share_users_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      shares: {
        Row: {
          content_version: number;
          created_at: string;
          downloads: number;
          expires_at: string | null;
          file_id: string;
          id: string;
          last_opened_at: string | null;
          max_downloads: number | null;
          owner_id: string;
          password: boolean;
          revoked_at: string | null;
          sealed: string | null;
          updated_at: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          content_version: number;
          created_at?: string;
          downloads?: number;
          expires_at?: string | null;
          file_id: string;
          id: string;
          last_opened_at?: string | null;
          max_downloads?: number | null;
          owner_id: string;
          password: boolean;
          revoked_at?: string | null;
          sealed?: string | null;
          updated_at?: string;
          version?: number;
        };
        Update: {
          content_version?: number;
          created_at?: string;
          downloads?: number;
          expires_at?: string | null;
          file_id?: string;
          id?: string;
          last_opened_at?: string | null;
          max_downloads?: number | null;
          owner_id?: string;
          password?: boolean;
          revoked_at?: string | null;
          sealed?: string | null;
          updated_at?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: "shares_file_id_fkey";
            columns: ["file_id"];
            isOneToOne: false;
            referencedRelation: "files";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "shares_owner_id_fkey";
            columns: ["owner_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
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
      vault_items: {
        Row: {
          epoch: number;
          item: string;
          item_version: number;
          kind: number;
          room_id: string;
          sealed: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          epoch: number;
          item: string;
          item_version: number;
          kind: number;
          room_id: string;
          sealed: string;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          epoch?: number;
          item?: string;
          item_version?: number;
          kind?: number;
          room_id?: string;
          sealed?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "vault_items_user_id_fkey";
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
      answer_approval: { Args: { answer: string; id: string }; Returns: boolean };
      append_device_entry: { Args: { entry: string; opening?: string }; Returns: Json };
      attach_file: { Args: { file: string; room: string }; Returns: Json };
      cancel_upload: { Args: { upload: string }; Returns: boolean };
      change_file: { Args: { changes: Json; id: string; version?: number }; Returns: Json };
      change_folder: { Args: { changes: Json; id: string; version?: number }; Returns: Json };
      change_room: { Args: { change: Json; room: string }; Returns: Json };
      change_share: { Args: { changes: Json; id: string; version?: number }; Returns: Json };
      check_username: { Args: { username: string }; Returns: undefined };
      complete_upload: {
        Args: { hash?: string; media_type?: string; sealed?: string; upload: string; version?: number };
        Returns: Json;
      };
      create_folder: { Args: { id: string; name?: string; parent?: string; sealed?: string }; Returns: Json };
      create_room: { Args: { change: Json; entry: string }; Returns: Json };
      create_share: {
        Args: {
          access_hash: string;
          body: string;
          content_version: number;
          door_hash: string;
          expires_at?: string;
          file: string;
          id: string;
          max_downloads?: number;
          password?: boolean;
          sealed?: string;
        };
        Returns: Json;
      };
      detach_file: { Args: { file: string }; Returns: Json };
      drop_grants: { Args: { ids: string[] }; Returns: number };
      drop_join_requests: { Args: { room: string; users: string[] }; Returns: number };
      feed_since: { Args: { limit?: number; n: number }; Returns: Json };
      file_people: { Args: { file: string }; Returns: Json };
      file_versions_of: { Args: { file: string }; Returns: Json };
      files_page: {
        Args: { before?: string; before_id?: string; folder?: string; limit?: number; scope: string };
        Returns: Json;
      };
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
      folders_page: { Args: { after?: string; limit?: number }; Returns: Json };
      function_admit: {
        Args: { bucket: string; caller: string; claims?: Json; most: number; seconds: number };
        Returns: Json;
      };
      goal_create: { Args: { goal: Json; tasks?: Json }; Returns: Json };
      heads: { Args: { known?: Json; rooms: string[] }; Returns: Json };
      invited_log: { Args: { after?: number; invite: string; room: string }; Returns: Json };
      is_free_of_controls: { Args: { value: string }; Returns: boolean };
      is_free_of_markup: { Args: { value: string }; Returns: boolean };
      is_one_line: { Args: { value: string }; Returns: boolean };
      is_plain_line: { Args: { value: string }; Returns: boolean };
      is_plain_text: { Args: { value: string }; Returns: boolean };
      join_requests_of: { Args: { room: string }; Returns: Json };
      json_is_plain: { Args: { value: Json }; Returns: boolean };
      lookup_profile: { Args: { username: string }; Returns: Json };
      mail_unsubscribe: { Args: { token: string }; Returns: string };
      mark_read: { Args: { room: string; seq: number }; Returns: number };
      messages_page: { Args: { before?: number; limit?: number; room: string }; Returns: Json };
      my_approvals: { Args: { wanted?: string }; Returns: Json };
      my_backup: { Args: Record<PropertyKey, never>; Returns: Json };
      my_grants: { Args: { device: string; limit?: number }; Returns: Json };
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
      my_rooms: { Args: { before?: string; before_id?: string; limit?: number }; Returns: Json };
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
      my_uploads: { Args: Record<PropertyKey, never>; Returns: Json };
      post_grant: { Args: { grant: string }; Returns: string };
      purge_files: { Args: { ids: string[] }; Returns: number };
      purge_folder: { Args: { id: string }; Returns: number };
      put_backup: { Args: { backup: string }; Returns: number };
      put_vault_items: { Args: { items: Json }; Returns: number };
      read_device_logs: { Args: { asked: Json }; Returns: Json };
      read_files: { Args: { ids: string[] }; Returns: Json };
      report_user: { Args: { reason: string; room?: string; user: string }; Returns: boolean };
      request_approval: { Args: { request: string }; Returns: string };
      request_join: { Args: { request: string }; Returns: boolean };
      reseal_versions: { Args: { file: string; items: Json; version: number }; Returns: number };
      reserve_file: {
        Args: {
          attachment?: boolean;
          encrypted?: boolean;
          folder?: string;
          id: string;
          media_type?: string;
          name?: string;
          sealed?: string;
          size: number;
        };
        Returns: Json;
      };
      reserve_version: {
        Args: { file: string; sealed?: string; size: number; upload: string };
        Returns: Json;
      };
      restore_version: { Args: { file: string; number: number }; Returns: Json };
      revoke_session: { Args: { session_id: string }; Returns: boolean };
      revoke_share: { Args: { id: string }; Returns: Json };
      room_rows: { Args: { after?: number; limit?: number; room: string }; Returns: Json };
      room_wraps: { Args: { after?: number; device: string; room: string }; Returns: Json };
      send_messages: { Args: { due?: Json; messages: Json; room: string; seen?: Json }; Returns: Json };
      set_blocked: { Args: { blocked: boolean; user: string }; Returns: boolean };
      set_mail_preference: { Args: { kind: string; wanted: boolean }; Returns: boolean };
      share_events_page: {
        Args: { before?: string; before_id?: string; file?: string; limit?: number; share?: string };
        Returns: Json;
      };
      share_file: { Args: { file: string; user: string }; Returns: Json };
      share_redeem: {
        Args: { access?: string; door: string; link: string; nonce?: string; reader?: string };
        Returns: Json;
      };
      share_renew: { Args: { grant: string; link: string }; Returns: Json };
      shared_with_me: { Args: { before?: string; before_id?: string; limit?: number }; Returns: Json };
      shares_page: {
        Args: { before?: string; before_id?: string; file?: string; limit?: number };
        Returns: Json;
      };
      tags_are_plain: { Args: { value: string[] }; Returns: boolean };
      unshare_file: { Args: { file: string; user: string }; Returns: boolean };
      username_available: { Args: { username: string }; Returns: boolean };
      vault_items_since: { Args: { after?: string; limit?: number }; Returns: Json };
      withdraw_messages: { Args: { ids: string[]; room: string }; Returns: number };
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
      worker_removals: { Args: { ids: string[] }; Returns: Json };
      worker_removed: { Args: { ids: string[] }; Returns: number };
    };
    Enums: {
      activity_entity: "goal" | "task" | "file";
      file_state: "reserved" | "ready";
      goal_status: "open" | "done" | "dropped" | "archived";
      limit_kind: "goals" | "tasks" | "files" | "folders" | "bytes";
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
      activity_entity: ["goal", "task", "file"],
      file_state: ["reserved", "ready"],
      goal_status: ["open", "done", "dropped", "archived"],
      limit_kind: ["goals", "tasks", "files", "folders", "bytes"],
      profile_status: ["active", "suspended"],
      task_status: ["todo", "doing", "blocked", "done", "cancelled"],
      user_role: ["admin", "member"],
    },
  },
} as const;

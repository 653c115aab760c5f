import { isTrackItError } from "@trackit/sdk";
import { useState } from "react";
import { Panes } from "../../app/Panes.tsx";
import { navigate, pathParts, useAddress } from "../../app/router.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Aside, Empty, Failed, Loading, Stale } from "../../ui/States.tsx";
import { Conversation } from "./Conversation.tsx";
import { DevicesDialog } from "./DevicesDialog.tsx";
import { NewDevice } from "./NewDevice.tsx";
import { NewRoomDialog } from "./NewRoomDialog.tsx";
import { Notices, useDeviceNews } from "./Notices.tsx";
import { RoomList } from "./RoomList.tsx";
import { type RoomsState, useRooms } from "./useRooms.ts";
import { useChatWords } from "./words.ts";
import "./chat.css";

/** Conversations that the server cannot read; the chosen one beside them. */
export default function ChatPage() {
  const { c } = useChatWords();
  const current = pathParts(useAddress())[1] ?? null;
  const rooms = useRooms();
  const [dialog, setDialog] = useState<"new" | "devices" | null>(null);
  const isStranger = isTrackItError(rooms.error, "CRYPTO_DEVICE") && !rooms.rooms;
  const news = useDeviceNews(rooms.rooms !== null);
  const notices = rooms.rooms && <Notices news={news} onDevices={() => setDialog("devices")} />;
  const detail =
    current && !isStranger ? (
      <Conversation
        key={current}
        id={current}
        notices={<div className="alone">{notices}</div>}
        onRead={rooms.read}
      />
    ) : (
      <Aside icon="chat">{c.choose}</Aside>
    );
  const close = () => setDialog(null);
  return (
    <>
      <Panes label={c.title} detailLabel={c.room} open={isStranger ? null : current} detail={detail}>
        <div className="page-head">
          <h1>{c.title}</h1>
          {!isStranger && (
            <div className="row">
              <IconButton icon="device" label={c.devices} onClick={() => setDialog("devices")} />
              <Button tone="primary" icon="plus" onClick={() => setDialog("new")}>
                {c.new}
              </Button>
            </div>
          )}
        </div>
        {notices}
        {isStranger ? <NewDevice onReady={rooms.reload} /> : <Rooms state={rooms} current={current} />}
      </Panes>
      {dialog === "devices" && <DevicesDialog onClose={close} />}
      {dialog === "new" && (
        <NewRoomDialog
          onClose={close}
          onMade={(id) => {
            close();
            rooms.reload();
            navigate(`/chat/${id}`);
          }}
        />
      )}
    </>
  );
}

function Rooms({ state, current }: { state: RoomsState; current: string | null }) {
  const { c } = useChatWords();
  const { rooms, error, more, reload } = state;
  if (!rooms) return error === null ? <Loading /> : <Failed error={error} retry={reload} />;
  if (rooms.length === 0)
    return (
      <Empty icon="chat" title={c.empty}>
        <p>{c.emptyLead}</p>
      </Empty>
    );
  return (
    <>
      <RoomList rooms={rooms} current={current} />
      {more && (
        <Button wide onClick={more}>
          {c.more}
        </Button>
      )}
      <Stale list={{ error, reload }} />
    </>
  );
}

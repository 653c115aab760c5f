export const help = `trackit-stack: Supabase's API on this machine, from npm packages alone

  start     start and stay; Ctrl-C stops      --port N  first of five ports, 0 for free ones
                                              --ephemeral  no data is kept
                                              --json  one line when ready    --no-web  --no-seed
  status    addresses and keys of the running stack; exit code 1 when none runs   --json
  stop      stop it and wait until it has ended
  reset     empty the database and apply the migrations anew at the next start    --yes
  logs      what it has written              --follow   --postgres
  functions list              edge functions of the project   --json
  functions logs [NAME]       what they have written          --follow
  backup FILE    keep everything of a data directory in one file; it may be running
  restore FILE   put it back into an empty data directory

  every command: --project DIR (holds supabase/; default here)   --data DIR (default .trackit in it)
`;

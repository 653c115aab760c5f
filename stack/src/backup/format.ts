/** First entry of every backup: says what the file is. */
export const formatName = "trackit-backup.json";
export const formatVersion = 1;
/** Major version of the database files inside; another one cannot read them. */
export const postgresVersion = 17;

/** First entry of every backup: says what the file is. */
export const formatName = "trackit-backup.json";
export const formatVersion = 1;

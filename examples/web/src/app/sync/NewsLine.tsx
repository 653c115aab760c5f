import { useNews } from "../../data/news.ts";
import { useWords } from "../../i18n/language.tsx";

/** Says to those who cannot see rows move what another device has changed: by name, or how much of it. */
export function NewsLine() {
  const { t } = useWords();
  const { titles, ids } = useNews();
  const [first] = titles;
  const text = titles.length === 1 && first ? t.sync.news(first) : t.sync.manyNews(ids.size);
  return (
    <p className="hidden" role="status">
      {first && text}
    </p>
  );
}

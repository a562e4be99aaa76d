/** dropTargets: a picture dropped on the query becomes the query; other drops are added. */

export function dropTargets(
  query: HTMLElement,
  { onQuery, onAdd }: { onQuery: (file: File) => void; onAdd: (event: DragEvent) => void },
): void {
  const isQuery = (event: DragEvent) =>
    query.contains(event.target as Node) && event.dataTransfer?.files.length === 1;
  for (const type of ['dragover', 'dragleave', 'drop'] as const) {
    document.addEventListener(type, (event) => {
      event.preventDefault();
      query.classList.toggle('over', type === 'dragover' && query.contains(event.target as Node));
      if (type !== 'drop') return;
      if (isQuery(event)) onQuery(event.dataTransfer!.files[0]!);
      else onAdd(event);
    });
  }
}

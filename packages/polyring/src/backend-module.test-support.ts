/** The text of a module whose default export is a backend on epoll under another name. */
export function backendModuleText(name: string): string {
  const epoll = JSON.stringify(import.meta.resolve('@polyring/backend-epoll'));
  return `import epoll from ${epoll};
export default { name: ${JSON.stringify(name)}, priority: 50, minimumOpcodes: [],
  availability: () => epoll.availability(), create: (options) => epoll.create(options) };`;
}

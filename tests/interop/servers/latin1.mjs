// Another server of ours that writes Latin-1: latin1.mjs FILE.
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (text, ...rest) => write(Buffer.from(String(text), 'latin1'), ...rest);
await import(`./${process.argv[2]}`);

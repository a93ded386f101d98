export class BenchSite {}

/** SPIRE's unix selectors (reference: identity-and-attestation). A registration matches when all of its selectors hold. */
export type Selector =
  | { readonly kind: 'unix:uid'; readonly value: number }
  | { readonly kind: 'unix:gid'; readonly value: number }
  | { readonly kind: 'unix:user'; readonly value: string }
  | { readonly kind: 'unix:group'; readonly value: string }
  | { readonly kind: 'unix:supplementary_gid'; readonly value: number }
  | { readonly kind: 'unix:supplementary_group'; readonly value: string }
  | { readonly kind: 'unix:path'; readonly value: string }
  | { readonly kind: 'unix:sha256'; readonly value: string };

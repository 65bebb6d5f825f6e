from keras import layers as L

QUERY, VALUE, KEY = (2, 4, 6), (2, 5, 3), (2, 5, 7)
SAME = (2, 5, 6)
CASES = {
    "multi_head_attention": (L.MultiHeadAttention(2, 3), [QUERY, VALUE]),
    "multi_head_attention_key": (L.MultiHeadAttention(3, 2, value_dim=4, output_shape=5),
                                 [QUERY, VALUE, KEY]),
    "multi_head_attention_causal": (L.MultiHeadAttention(2, 3, use_bias=False), [QUERY, VALUE],
                                    {"use_causal_mask": True}),
    "multi_head_attention_scores": (L.MultiHeadAttention(2, 3, dropout=0.2), [QUERY, VALUE, KEY],
                                    {"use_causal_mask": True, "return_attention_scores": True}),
    "multi_head_attention_images": (L.MultiHeadAttention(2, 3, output_shape=(2, 3)),
                                    [(2, 2, 3, 4), (2, 2, 2, 5)],
                                    {"return_attention_scores": True}),
    "attention": (L.Attention(), [QUERY, SAME]),
    "attention_key": (L.Attention(use_scale=True, dropout=0.3), [QUERY, VALUE, SAME],
                      {"return_attention_scores": True}),
    "attention_concat": (L.Attention(score_mode="concat"), [QUERY, SAME],
                         {"use_causal_mask": True}),
    "attention_concat_scaled": (L.Attention(score_mode="concat", use_scale=True), [QUERY, SAME]),
    "additive_attention": (L.AdditiveAttention(dropout=0.3), [QUERY, SAME]),
    "additive_attention_key": (L.AdditiveAttention(use_scale=False), [QUERY, VALUE, SAME],
                               {"use_causal_mask": True, "return_attention_scores": True}),
}

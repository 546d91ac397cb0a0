package io.devopscopilot.rag;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.KnowledgeBase.Hit;
import io.devopscopilot.api.KnowledgeBase.Passage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.LockObtainFailedException;
import org.jspecify.annotations.Nullable;

/** Passages in a Lucene index: words, headings, phrases, whole documents and, if given, vectors. */
final class PassageIndex implements AutoCloseable {
  /** A vector's neighbours: passage id and cosine, best first. */
  interface Neighbours {
    List<Map.Entry<String, Double>> nearest(float[] query, int limit);
  }

  /** So many passages are looked at for each kind of match. */
  private static final int DEPTH = 400;

  private static final int NEIGHBOURS = 200;
  private static final long COMMIT_NANOS = 5_000_000_000L;
  private static final String FORMAT = "1 " + Embedder.ID;

  private final Directory directory;
  private final IndexWriter writer;
  private final SearcherManager searchers;
  private final boolean vectors;
  private long committed = System.nanoTime();
  private volatile Owners owners = new Owners(null, new String[0], new float[0]);

  PassageIndex(Directory directory, boolean vectors) {
    this.directory = directory;
    this.vectors = vectors;
    IndexWriter opened = null;
    try {
      Map<String, org.apache.lucene.analysis.Analyzer> plain =
          Map.of("plain", SearchText.PLAIN, "phrase", SearchText.PLAIN);
      opened =
          new IndexWriter(
              directory,
              new IndexWriterConfig(
                  new org.apache.lucene.analysis.miscellaneous.PerFieldAnalyzerWrapper(
                      SearchText.WORDS, plain)));
      this.writer = opened;
      this.searchers = new SearcherManager(writer, null);
      convert();
    } catch (LockObtainFailedException e) {
      throw new CopilotException(
          "the knowledge index " + directory + " is in use by another process: close that first",
          e);
    } catch (IOException | IllegalArgumentException e) {
      throw new CopilotException(
          "the knowledge index " + directory + " can't be opened: " + e.getMessage(), e);
    }
  }

  /** Builds an index of another embedding model or format anew from the passages it holds. */
  private void convert() throws IOException {
    String format = "";
    Iterable<Map.Entry<String, String>> data = writer.getLiveCommitData();
    if (data != null) {
      for (Map.Entry<String, String> entry : data) {
        format = entry.getKey().equals("format") ? entry.getValue() : format;
      }
    }
    if (!format.equals(FORMAT) && writer.getDocStats().numDocs > 0) {
      Map<String, List<Passage>> all = new HashMap<>();
      for (Passage p : find(new TermQuery(new Term("kind", "p")))) {
        all.computeIfAbsent(p.document(), d -> new ArrayList<>()).add(p);
      }
      writer.deleteAll();
      for (Map.Entry<String, List<Passage>> entry : all.entrySet()) {
        add(entry.getKey(), entry.getValue());
      }
    }
    writer.setLiveCommitData(Map.of("format", FORMAT).entrySet());
    writer.commit();
    searchers.maybeRefreshBlocking();
  }

  /** Returns whether anything changed. */
  synchronized boolean put(String document, List<Passage> passages) {
    for (Passage p : passages) {
      if (!p.document().equals(document)) {
        throw new IllegalArgumentException(
            "passage " + p.id() + " names document " + p.document() + ", must be " + document);
      }
    }
    try {
      List<Passage> old = find(documentQuery(document));
      if (old.size() == passages.size() && Set.copyOf(old).equals(Set.copyOf(passages))) {
        return false;
      }
      writer.deleteDocuments(new Term("document", document));
      if (!passages.isEmpty()) {
        add(document, passages);
      }
      if (System.nanoTime() - committed > COMMIT_NANOS) {
        writer.commit();
        committed = System.nanoTime();
      }
      searchers.maybeRefreshBlocking();
      return true;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void add(String document, List<Passage> passages) throws IOException {
    List<String> texts = new ArrayList<>();
    for (Passage p : passages) {
      texts.add(embedded(p));
    }
    List<float[]> embedded = vectors ? Embedder.passages(texts) : List.of();
    StringBuilder whole = new StringBuilder();
    for (int i = 0; i < passages.size(); i++) {
      Passage p = passages.get(i);
      Document d = new Document();
      d.add(new StringField("kind", "p", Field.Store.NO));
      d.add(new StringField("id", p.id(), Field.Store.YES));
      d.add(new StringField("document", document, Field.Store.YES));
      d.add(new StoredField("heading", p.heading()));
      d.add(new StoredField("text", p.text()));
      d.add(new StoredField("first", p.firstLine()));
      d.add(new StoredField("last", p.lastLine()));
      d.add(new StoredField("weight", p.weight()));
      d.add(new TextField("all", texts.get(i), Field.Store.NO));
      d.add(new TextField("head", p.heading(), Field.Store.NO));
      d.add(new TextField("plain", texts.get(i), Field.Store.NO));
      d.add(new TextField("phrase", p.heading().replace(" > ", " zqz "), Field.Store.NO));
      if (vectors) {
        d.add(
            new KnnFloatVectorField(
                "vector", embedded.get(i), VectorSimilarityFunction.DOT_PRODUCT));
      }
      writer.addDocument(d);
      whole.append(SearchText.document(p.text())).append('\n');
    }
    Document d = new Document();
    String title = title(passages.get(0).heading());
    d.add(new StringField("kind", "d", Field.Store.NO));
    d.add(new StringField("document", document, Field.Store.YES));
    d.add(new TextField("whole", title + "\n" + whole, Field.Store.NO));
    d.add(new TextField("title", title, Field.Store.NO));
    writer.addDocument(d);
  }

  /** The documents and weights of all Lucene documents of one reader; stored fields are slow. */
  private record Owners(@Nullable IndexReader reader, String[] document, float[] weight) {}

  private Owners owners(IndexSearcher searcher) throws IOException {
    Owners known = owners;
    IndexReader reader = searcher.getIndexReader();
    if (known.reader() != reader) {
      String[] document = new String[reader.maxDoc()];
      float[] weight = new float[reader.maxDoc()];
      Set<String> fields = Set.of("document", "weight");
      for (int i = 0; i < document.length; i++) {
        Document d = searcher.storedFields().document(i, fields);
        document[i] = d.get("document");
        IndexableField w = d.getField("weight");
        weight[i] = w == null ? 1 : w.numericValue().floatValue();
      }
      known = new Owners(reader, document, weight);
      owners = known;
    }
    return known;
  }

  /** What a passage's vector is made of. */
  static String embedded(Passage p) {
    return p.heading() + "\n" + SearchText.document(p.text());
  }

  private static String title(String heading) {
    int end = heading.indexOf(" > ");
    return end < 0 ? heading : heading.substring(0, end);
  }

  private static Query documentQuery(String document) {
    return new BooleanQuery.Builder()
        .add(new TermQuery(new Term("document", document)), Occur.FILTER)
        .add(new TermQuery(new Term("kind", "p")), Occur.FILTER)
        .build();
  }

  private List<Passage> find(Query query) throws IOException {
    IndexSearcher searcher = searchers.acquire();
    try {
      List<Passage> out = new ArrayList<>();
      int limit = Math.max(1, searcher.getIndexReader().maxDoc());
      for (ScoreDoc hit : searcher.search(query, limit).scoreDocs) {
        out.add(passage(searcher, hit.doc));
      }
      return out;
    } finally {
      searchers.release(searcher);
    }
  }

  private static Passage passage(IndexSearcher searcher, int doc) throws IOException {
    Document d = searcher.storedFields().document(doc);
    return new Passage(
        d.get("id"),
        d.get("document"),
        d.get("heading"),
        d.get("text"),
        d.getField("first").numericValue().intValue(),
        d.getField("last").numericValue().intValue(),
        d.getField("weight").numericValue().doubleValue());
  }

  Set<String> documents() {
    try {
      IndexSearcher searcher = searchers.acquire();
      try {
        Set<String> out = new LinkedHashSet<>();
        int limit = Math.max(1, searcher.getIndexReader().maxDoc());
        for (ScoreDoc d : searcher.search(new TermQuery(new Term("kind", "d")), limit).scoreDocs) {
          out.add(searcher.storedFields().document(d.doc, Set.of("document")).get("document"));
        }
        return out;
      } finally {
        searchers.release(searcher);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  List<Passage> of(String document) {
    try {
      return find(documentQuery(document));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  Optional<Passage> passage(String id) {
    try {
      return find(new TermQuery(new Term("id", id))).stream().findFirst();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** The fused ranking; without neighbours, by words alone. */
  List<Hit> search(String query, int limit, Optional<Neighbours> foreign) {
    if (limit < 1 || limit > 100) {
      throw new IllegalArgumentException("limit is " + limit + ", must be 1 to 100");
    }
    String text = SearchText.query(query.length() > 4000 ? query.substring(0, 4000) : query);
    List<String> terms = SearchText.terms(SearchText.WORDS, text);
    if (terms.isEmpty()) {
      return List.of();
    }
    List<String> plain = SearchText.terms(SearchText.PLAIN, text);
    try {
      IndexSearcher searcher = searchers.acquire();
      try {
        Owners owners = owners(searcher);
        Fusion fusion = new Fusion();
        fusion.all = scaled(searcher, bag("all", terms), DEPTH);
        fusion.head = scaled(searcher, bag("head", terms), DEPTH);
        fusion.plain = scaled(searcher, bag("plain", plain), DEPTH);
        fusion.phrase = run(searcher, phrase("plain", plain), DEPTH);
        fusion.headPhrase = run(searcher, phrase("phrase", plain), DEPTH);
        fusion.whole = byDocument(owners, scaled(searcher, bag("whole", terms), DEPTH));
        fusion.title = byDocument(owners, scaled(searcher, bag("title", terms), DEPTH));
        fusion.cosine = neighbours(searcher, text, foreign);
        return fusion.rank(searcher, owners, query, terms, limit);
      } finally {
        searchers.release(searcher);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** The plain rival that evaluations report: BM25 over the passages. */
  List<Hit> bm25(String query, int limit) {
    try {
      IndexSearcher searcher = searchers.acquire();
      try {
        List<Hit> out = new ArrayList<>();
        Query bag = bag("plain", SearchText.terms(SearchText.PLAIN, query));
        for (Map.Entry<Integer, Double> hit : run(searcher, bag, limit).entrySet()) {
          double score = hit.getValue() / (1 + hit.getValue());
          out.add(new Hit(passage(searcher, hit.getKey()), score));
        }
        out.sort((a, b) -> Double.compare(b.score(), a.score()));
        return out;
      } finally {
        searchers.release(searcher);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private Map<Integer, Double> neighbours(
      IndexSearcher searcher, String text, Optional<Neighbours> foreign) throws IOException {
    Map<Integer, Double> out = new HashMap<>();
    if (vectors && searcher.getIndexReader().numDocs() > 0) {
      Query q = new KnnFloatVectorQuery("vector", Embedder.query(text), NEIGHBOURS);
      for (Map.Entry<Integer, Double> e : run(searcher, q, NEIGHBOURS).entrySet()) {
        out.put(e.getKey(), 2 * e.getValue() - 1);
      }
    } else if (foreign.isPresent()) {
      for (Map.Entry<String, Double> e : foreign.get().nearest(Embedder.query(text), NEIGHBOURS)) {
        ScoreDoc[] found = searcher.search(new TermQuery(new Term("id", e.getKey())), 1).scoreDocs;
        if (found.length > 0) {
          out.put(found[0].doc, e.getValue());
        }
      }
    }
    return out;
  }

  private static Map<Integer, Double> scaled(IndexSearcher searcher, Query query, int limit)
      throws IOException {
    return Ranking.scaled(run(searcher, query, limit));
  }

  private static Map<Integer, Double> run(IndexSearcher searcher, Query query, int limit)
      throws IOException {
    Map<Integer, Double> out = new HashMap<>();
    for (ScoreDoc hit : searcher.search(query, limit).scoreDocs) {
      out.put(hit.doc, (double) hit.score);
    }
    return out;
  }

  private static Map<String, Double> byDocument(Owners owners, Map<Integer, Double> hits) {
    Map<String, Double> out = new HashMap<>();
    hits.forEach((doc, score) -> out.put(owners.document()[doc], score));
    return out;
  }

  private static Query bag(String field, List<String> terms) {
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    for (String term : terms.subList(0, Math.min(terms.size(), 256))) {
      query.add(new TermQuery(new Term(field, term)), Occur.SHOULD);
    }
    return query.build();
  }

  private static Query phrase(String field, List<String> terms) {
    List<String> some = terms.subList(0, Math.min(terms.size(), 64));
    return some.isEmpty() ? bag(field, some) : new PhraseQuery(field, some.toArray(String[]::new));
  }

  private CopilotException failed(IOException e) {
    return new CopilotException("the knowledge index " + directory + " failed: " + e, e);
  }

  List<Passage> passages() {
    try {
      return find(new TermQuery(new Term("kind", "p")));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      searchers.close();
      if (writer.isOpen()) {
        writer.close();
      }
      directory.close();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** The matches of one query and how they become one ranking. */
  private static final class Fusion {
    Map<Integer, Double> all = Map.of();
    Map<Integer, Double> head = Map.of();
    Map<Integer, Double> plain = Map.of();
    Map<Integer, Double> phrase = Map.of();
    Map<Integer, Double> headPhrase = Map.of();
    Map<String, Double> whole = Map.of();
    Map<String, Double> title = Map.of();
    Map<Integer, Double> cosine = Map.of();

    List<Hit> rank(
        IndexSearcher searcher, Owners owners, String query, List<String> terms, int limit)
        throws IOException {
      Set<Integer> candidates = new LinkedHashSet<>(all.keySet());
      candidates.addAll(plain.keySet());
      candidates.addAll(head.keySet());
      candidates.addAll(cosine.keySet());
      double low = Ranking.kthBest(cosine.values(), 100);
      double high = Ranking.max(cosine.values());
      Map<Integer, String> owner = new HashMap<>();
      for (int doc : candidates) {
        owner.put(doc, owners.document()[doc]);
      }
      Map<String, Double> near = Ranking.documentNearness(cosine, owner);
      boolean question = Ranking.isQuestion(query);
      List<Map.Entry<Integer, Double>> ranked = new ArrayList<>();
      for (int doc : candidates) {
        String document = owner.getOrDefault(doc, "");
        double score =
            Ranking.ALL * Ranking.share(all, doc)
                + Ranking.WHOLE * Ranking.share(whole, document)
                + Ranking.HEAD * Ranking.share(head, doc)
                + Ranking.PLAIN * Ranking.share(plain, doc)
                + (phrase.containsKey(doc) ? Ranking.PHRASE : 0)
                + (headPhrase.containsKey(doc) ? Ranking.HEAD_PHRASE : 0);
        if (cosine.containsKey(doc) && high > low) {
          score += Ranking.COSINE * Math.max(0, (cosine.get(doc) - low) / (high - low));
        }
        if (question) {
          score += Ranking.QUESTION_NEAR * Ranking.share(near, document);
          score += Ranking.QUESTION_TITLE * Ranking.share(title, document);
        }
        ranked.add(Map.entry(doc, score * owners.weight()[doc]));
      }
      ranked.sort(Ranking.ORDER);
      List<Hit> hits = new ArrayList<>();
      double fit = 0;
      double best = 1;
      for (Map.Entry<Integer, Double> r : ranked.subList(0, Math.min(limit, ranked.size()))) {
        Passage p = passage(searcher, r.getKey());
        if (hits.isEmpty()) {
          double cos = cosine.getOrDefault(r.getKey(), low);
          fit = Ranking.fit(terms, PassageIndex.embedded(p), cos, searcher);
          best = Math.max(r.getValue(), 1e-9);
        }
        hits.add(new Hit(p, Math.max(0, Math.min(1, fit * r.getValue() / best))));
      }
      return hits;
    }
  }
}

// A round of training for many small masked perceptrons: what training/round.py does with torch, in one call.
//
// Each network has a lane of the vectors to itself, and a block of LANES networks is trained from its first minibatch to
// its last epoch while its parameters stay in cache. No operation mixes lanes, and every sum runs in the order of units
// or rows, where what is pruned away would only add zeros. So a network's bits depend neither on the others in its
// block, nor on the number of threads, nor on the units that the block leaves out.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <thread>
#include <vector>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#ifdef __AVX512F__
constexpr int LANES = 16, TILE_ROWS = 4, TILE_COLUMNS = 4;
#else
constexpr int LANES = 8, TILE_ROWS = 4, TILE_COLUMNS = 2;
#endif
constexpr int ROWS_AT_ONCE = 64;  // their activations stay in cache; the order of sums depends on it

// ---- vectors ---------------------------------------------------------------------------------------------------------

typedef float Floats __attribute__((vector_size(4 * LANES)));
typedef int32_t Ints __attribute__((vector_size(4 * LANES)));
typedef uint32_t Words __attribute__((vector_size(4 * LANES)));
typedef uint64_t Pairs __attribute__((vector_size(4 * LANES)));  // of words: two lanes each
typedef double Doubles __attribute__((vector_size(8 * LANES)));
typedef std::vector<Floats> Array;

static inline Floats all(float value) { return value - Floats{}; }
static inline Doubles widened(Floats values) { return __builtin_convertvector(values, Doubles); }
static inline Floats where(Ints condition, Floats yes, Floats no) { return condition ? yes : no; }

// Rounds a product: fused with a sum, the numbers that are drawn would not be those of networks/philox.py.
static inline Floats rounded(Floats product) {
#ifdef __AVX__
  asm("" : "+v"(product));
#else
  asm("" : "+m"(product));
#endif
  return product;
}

// The first coefficient belongs to the highest power.
template <int COUNT>
static inline Floats polynomial(const float (&coefficients)[COUNT], Floats x) {
  Floats sum = all(coefficients[0]);
  for (int i = 1; i < COUNT; i++) sum = rounded(sum * x) + coefficients[i];
  return sum;
}

static inline Floats square_root(Floats x) {
  Floats root;
  for (int lane = 0; lane < LANES; lane++) root[lane] = __builtin_sqrtf(x[lane]);
  return root;
}

// The polynomials of Cephes (Moshier 1992), single precision. NaN stays NaN.
static inline Floats exponential(Floats x) {
  x = where(x < -87.0f, all(-87.0f), where(x > 88.0f, all(88.0f), x));
  const Floats shifted = x * 1.44269504f + where(x > 0.0f, all(0.5f), all(-0.5f));
  const Ints power = __builtin_convertvector(shifted, Ints);
  const Floats whole = __builtin_convertvector(power, Floats);
  x = x - whole * 0.693359375f + whole * 2.12194440e-4f;
  constexpr float coefficients[] = {1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f,
                                    1.6666665459e-1f, 5.0000001201e-1f};
  return (polynomial(coefficients, x) * x * x + x + 1.0f) * (Floats)((power + 127) << 23);
}

// Of positive normal numbers: that of the power of 2, and that of what remains, from the root of 1/2 to that of 2.
static inline Floats logarithm(Floats x) {
  constexpr uint32_t root_half = 0x3F3504F3;
  constexpr float coefficients[] = {7.0376836292e-2f, -1.1514610310e-1f, 1.1676998740e-1f, -1.2420140846e-1f,
                                    1.4249322787e-1f, -1.6668057665e-1f, 2.0000714765e-1f, -2.4999993993e-1f,
                                    3.3333331174e-1f};
  const Words bits = (Words)x + (0x3F800000 - root_half);
  const Floats power = __builtin_convertvector((Ints)(bits >> 23), Floats) - 127.0f;
  const Floats fraction = (Floats)((bits & 0x7FFFFF) + root_half) - 1.0f, square = fraction * fraction;
  Floats sum = rounded(polynomial(coefficients, fraction) * fraction * square);
  sum = sum + rounded(power * -2.12194440e-4f) - rounded(square * 0.5f);
  return sum + fraction + rounded(power * 0.693359375f);
}

// Reads what each lane asks for, of at most 2^31 values.
static inline Floats gathered(const float* values, Words indices) {
#if defined(__AVX512F__)
  return (Floats)_mm512_i32gather_ps((__m512i)indices, values, 4);
#elif defined(__AVX2__)
  return (Floats)_mm256_i32gather_ps(values, (__m256i)indices, 4);
#else
  Floats found;
  for (int lane = 0; lane < LANES; lane++) found[lane] = values[indices[lane]];
  return found;
#endif
}

static inline Floats sigmoid(Floats x) { return 1.0f / (1.0f + exponential(-x)); }

static inline Floats log_of_one_plus(Floats x) {  // of numbers from 0 to 1
  const Floats sum = 1.0f + x;
  return logarithm(sum) + (x - (sum - 1.0f));  // what rounding took from x
}

// ---- random numbers: networks/philox.py, with a counter and a key in each lane ----------------------------------------

// The product of the lower lane of each pair with a word; compilers would take a multiplication of 64 bits.
static inline Pairs times(Pairs x, uint32_t factor) {
#if defined(__AVX512F__)
  return (Pairs)_mm512_mul_epu32((__m512i)x, _mm512_set1_epi32((int)factor));
#elif defined(__AVX2__)
  return (Pairs)_mm256_mul_epu32((__m256i)x, _mm256_set1_epi32((int)factor));
#else
  return (x & 0xFFFFFFFF) * factor;
#endif
}

struct Product {
  Words high, low;

  Product(Words x, uint32_t factor) {
    const Pairs even = times((Pairs)x, factor), odd = times((Pairs)x >> 32, factor);
    high = (Words)(even >> 32 | (odd & 0xFFFFFFFF00000000));
    low = (Words)((even & 0xFFFFFFFF) | odd << 32);
  }
};

struct Key {
  Words first, second;

  // Replaces the words of a counter by random ones: Philox 4x32-10 (Salmon et al. 2011).
  void words(Words counter[4]) const {
    for (uint32_t i = 0; i < 10; i++) {
      const Product left(counter[0], 0xD2511F53), right(counter[2], 0xCD9E8D57);
      counter[0] = right.high ^ counter[1] ^ (first + i * 0x9E3779B9u), counter[1] = right.low;
      counter[2] = left.high ^ counter[3] ^ (second + i * 0xBB67AE85u), counter[3] = left.low;
    }
  }

  // Four standard normal numbers in each lane (Box & Muller 1958).
  void normals(Words counter[4], Floats numbers[4]) const {
    constexpr float sines[] = {-1.9515295891e-4f, 8.3321608736e-3f, -1.6666654611e-1f};
    constexpr float cosines[] = {2.443315711809948e-5f, -1.388731625493765e-3f, 4.166664568298827e-2f};
    words(counter);
    for (int i = 0; i < 4; i += 2) {
      const Floats uniform = (__builtin_convertvector((Ints)(counter[i] >> 9), Floats) + 0.5f) * 0x1p-23f;
      const Floats radius = square_root(-logarithm(uniform));
      const Floats turn = __builtin_convertvector((Ints)(counter[i + 1] & 0xFFFFFF), Floats);
      const Floats x = (rounded(turn * 0x1p-24f) - 0.5f) * 1.57079633f, square = x * x;
      const Floats sine = rounded(polynomial(sines, square) * square * x) + x;
      const Floats cosine = rounded(polynomial(cosines, square) * square * square) - rounded(square * 0.5f) + 1.0f;
      numbers[i] = with_sign(radius * (cosine + sine), counter[i + 1]);
      numbers[i + 1] = with_sign(radius * (cosine - sine), counter[i + 1] << 1);
    }
  }

 private:
  static Floats with_sign(Floats x, Words word) { return (Floats)((Words)x ^ (word & 0x80000000)); }
};

// ---- products --------------------------------------------------------------------------------------------------------

#define INLINED static inline __attribute__((always_inline))

struct Matrix {
  const Floats* values;
  int64_t row, column;  // strides
  const Floats* at(int64_t i, int64_t j) const { return values + i * row + j * column; }
};

// Gives store(m, n, start[n] + sum over k of left(m, k) * right(k, n)) for a tile of results that stays in registers.
template <int ROWS, int COLUMNS, class Store>
INLINED void tile(Matrix left, Matrix right, int terms, const Floats* start, int m, int n, Store store) {
  Floats sums[ROWS][COLUMNS];
  for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < COLUMNS; j++) sums[i][j] = start ? start[n + j] : Floats{};
  const Floats *from_left = left.at(m, 0), *from_right = right.at(0, n);
  for (int k = 0; k < terms; k++, from_left += left.column, from_right += right.row) {
    Floats factors[COLUMNS];
    for (int j = 0; j < COLUMNS; j++) factors[j] = from_right[j * right.column];
    for (int i = 0; i < ROWS; i++) {
      const Floats factor = from_left[i * left.row];
      for (int j = 0; j < COLUMNS; j++) sums[i][j] += factor * factors[j];
    }
  }
  for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < COLUMNS; j++) store(m + i, n + j, sums[i][j]);
}

template <int ROWS, class Store>
INLINED void strip(Matrix left, Matrix right, int terms, const Floats* start, int m, int columns, Store store) {
  int n = 0;
  for (; n + TILE_COLUMNS <= columns; n += TILE_COLUMNS)
    tile<ROWS, TILE_COLUMNS>(left, right, terms, start, m, n, store);
  for (; n < columns; n++) tile<ROWS, 1>(left, right, terms, start, m, n, store);
}

template <class Store>
INLINED void product(Matrix left, Matrix right, int rows, int columns, int terms, const Floats* start, Store store) {
  int m = 0;
  for (; m + TILE_ROWS <= rows; m += TILE_ROWS) strip<TILE_ROWS>(left, right, terms, start, m, columns, store);
  for (; m < rows; m++) strip<1>(left, right, terms, start, m, columns, store);
}

// ---- what Python passes: structures.py has the same structures --------------------------------------------------------

enum Loss : int32_t { CROSS_ENTROPY, SQUARED_ERROR };
enum Kind : int32_t { BITS, EXAMPLES, BALANCED, VARIANCE };

struct Accuracy {
  Kind kind;
  int32_t tallies;        // counts of a network: one, or for BALANCED one for each group of outputs and class
  const double* weights;  // (tally,): an accuracy is the weighted sum of its tallies
  double* found;          // (network, tally)
};

struct Examples {
  int64_t rows;
  const float *inputs, *targets;  // (row, input), (row, output)
  const float* weights;           // (row, output) of the loss, or null
  const int32_t* classes;         // (row, group)
};

struct Networks {
  int64_t count;
  const int64_t* sequence;  // in which they share blocks
  float* parameters;        // (network, parameter); a round replaces them by those of the best epoch
  const uint8_t* masks;     // (network, parameter)
  double* losses;           // (network,)
};

struct Draws {
  const uint32_t* keys;      // (stream, 2)
  const int64_t* stream_of;  // (network,)
  int32_t attempt;
};

struct Settings {
  int32_t depth, groups, classes, loss, threads, epochs, batch_size, keeps_last;
  const int32_t *widths, *sizes;  // of layers, of groups of outputs
  float lr, weight_decay, noise;
};

// ---- the networks of a block -----------------------------------------------------------------------------------------

struct Shape {
  std::vector<int> widths, weights, biases;  // of layers; where a layer's weights and biases begin in a row
  int parameters = 0;

  explicit Shape(const std::vector<int>& widths) : widths(widths) {
    for (size_t d = 0; d + 1 < widths.size(); d++) weights.push_back(parameters), parameters += widths[d] * widths[d + 1];
    for (size_t d = 1; d < widths.size(); d++) biases.push_back(parameters), parameters += widths[d];
  }
};

// Which units of each layer the lanes use: inputs with an edge, hidden units with an edge on either side, all outputs.
struct Used {
  std::vector<std::vector<int>> units[LANES];  // (lane, layer): indices in ascending order
  std::vector<int> widths;                     // of each layer, the most of any lane

  Used(const Shape& full, const Networks& networks, const int64_t* of_lane) : widths(full.widths.size()) {
    const int depth = (int)full.weights.size();
    for (int lane = 0; lane < LANES; lane++) {
      const uint8_t* mask = networks.masks + of_lane[lane] * full.parameters;
      std::vector<std::vector<char>> has_edge;
      for (int width : full.widths) has_edge.emplace_back(width, 0);
      for (int d = 0; d < depth; d++)
        for (int i = 0, at = full.weights[d]; i < full.widths[d]; i++)
          for (int j = 0; j < full.widths[d + 1]; j++, at++)
            if (mask[at]) has_edge[d][i] = has_edge[d + 1][j] = 1;
      std::fill(has_edge[depth].begin(), has_edge[depth].end(), 1);
      units[lane].resize(depth + 1);
      for (int d = 0; d <= depth; d++) {
        for (int i = 0; i < full.widths[d]; i++)
          if (has_edge[d][i]) units[lane][d].push_back(i);
        widths[d] = std::max(widths[d], (int)units[lane][d].size());
      }
    }
  }

  // Calls visit(lane, index in the block's rows, index in the network's row) for every parameter that a lane uses.
  template <class Visit>
  void parameters(const Shape& full, const Shape& shape, Visit visit) const {
    for (size_t d = 0; d < full.weights.size(); d++)
      for (int i = -1; i < shape.widths[d]; i++)  // the biases, then the weights of each unit
        for (int lane = 0; lane < LANES; lane++) {
          const std::vector<int>&from = units[lane][d], &to = units[lane][d + 1];
          if (i >= (int)from.size()) continue;
          const int at = i < 0 ? shape.biases[d] : shape.weights[d] + i * shape.widths[d + 1];
          const int first = i < 0 ? full.biases[d] : full.weights[d] + from[i] * full.widths[d + 1];
          for (size_t j = 0; j < to.size(); j++) visit(lane, at + (int)j, first + to[j]);
        }
  }
};

class Block {
 public:
  Block(const Settings& settings, const Networks& networks, const int64_t* of_lane, int rows)
      : settings(settings), full({settings.widths, settings.widths + settings.depth + 1}),
        used(full, networks, of_lane), shape(used.widths), weights(shape.parameters), masks(shape.parameters),
        read(shape.widths[0]), activations(settings.depth + 1) {
    for (int d = 0; d <= settings.depth; d++) activations[d].resize((size_t)rows * shape.widths[d]);
    used.parameters(full, shape, [&](int lane, int at, int from) {
      weights[at][lane] = networks.parameters[of_lane[lane] * full.parameters + from];
      masks[at][lane] = networks.masks[of_lane[lane] * full.parameters + from];
    });
    for (int lane = 0; lane < LANES; lane++)
      for (size_t i = 0; i < used.units[lane][0].size(); i++) read[i][lane] = used.units[lane][0][i];
  }

  // Runs the first rows of activations[0] through the networks.
  void forward(int rows) {
    for (int d = 0; d < settings.depth; d++) {
      const int fan_in = shape.widths[d], fan_out = shape.widths[d + 1];
      const Matrix left{activations[d].data(), fan_in, 1}, right{&weights[shape.weights[d]], fan_out, 1};
      const Floats* bias = &weights[shape.biases[d]];
      Floats* into = activations[d + 1].data();
      if (d == settings.depth - 1)
        product(left, right, rows, fan_out, fan_in, bias, [=](int m, int n, Floats x) { into[m * fan_out + n] = x; });
      else
        product(left, right, rows, fan_out, fan_in, bias,
                [=](int m, int n, Floats x) { into[m * fan_out + n] = where(x < 0.0f, Floats{}, x); });
    }
  }

  // Evaluates the networks on examples: the accuracies' tallies, (tally, lane) one after the other, and the mean loss.
  Doubles evaluate(const Examples& examples, const std::vector<Accuracy>& accuracies, std::vector<Doubles>& tallies) {
    std::fill(tallies.begin(), tallies.end(), Doubles{});
    Doubles loss{};
    const int outputs = shape.widths.back();
    for (int64_t first = 0; first < examples.rows; first += ROWS_AT_ONCE) {
      const int rows = (int)std::min<int64_t>(ROWS_AT_ONCE, examples.rows - first);
      for (int row = 0; row < rows; row++) load_inputs(examples, Words{} + (uint32_t)(first + row), row);
      forward(rows);
      for (int row = 0; row < rows; row++) {
        const Floats* logits = &activations.back()[row * outputs];
        loss += widened(loss_of(logits, examples, first + row));
        Doubles* found = tallies.data();
        for (const Accuracy& accuracy : accuracies) {
          count(accuracy.kind, logits, examples, first + row, found);
          found += accuracy.tallies;
        }
      }
    }
    return loss / (double)(examples.rows * outputs);
  }

 protected:
  // Sets a row of activations[0] to the inputs that the lanes read of a row of the examples each.
  void load_inputs(const Examples& examples, Words from, int row) {
    Floats* into = &activations[0][(size_t)row * shape.widths[0]];
    for (int i = 0; i < shape.widths[0]; i++) into[i] = gathered(examples.inputs, from * full.widths[0] + read[i]);
  }

  // Sums the loss of a row over its outputs.
  Floats loss_of(const Floats* logits, const Examples& examples, int64_t row) const {
    const int outputs = shape.widths.back();
    Floats sum{};
    for (int j = 0; j < outputs; j++) {
      const Floats x = logits[j], positive = where(x < 0.0f, Floats{}, x);
      const float target = examples.targets[row * outputs + j];
      const float weight = examples.weights ? examples.weights[row * outputs + j] : 1.0f;
      if (settings.loss == SQUARED_ERROR) sum += weight * (x - target) * (x - target);
      else sum += weight * (positive - x * target + log_of_one_plus(exponential(where(x < 0.0f, x, -x))));
    }
    return sum;
  }

  // Adds what an accuracy counts in a row: see training/metrics.py.
  void count(Kind kind, const Floats* logits, const Examples& examples, int64_t row, Doubles* tallies) const {
    const int outputs = shape.widths.back();
    const float* targets = examples.targets + row * outputs;
    const Floats one = all(1.0f);
    if (kind == VARIANCE) {
      for (int j = 0; j < outputs; j++) {
        const Doubles error = widened(logits[j]) - (double)targets[j];
        tallies[0] += (double)targets[j] * (double)targets[j] - error * error;
      }
      return;
    }
    if (kind == BITS) {
      Floats correct{};
      for (int j = 0; j < outputs; j++) {
        const Floats wanted = all(targets[j] > 0.5f);
        correct += where(logits[j] > 0.0f, wanted, one - wanted);
      }
      tallies[0] += widened(correct);
      return;
    }
    Floats whole = one;
    for (int group = 0; group < settings.groups; logits += settings.sizes[group++]) {
      const int wanted = examples.classes[row * settings.groups + group];
      Ints named = logits[0] > 0.0f ? Ints{} + 1 : Ints{};
      if (settings.sizes[group] > 1) {
        Floats largest = logits[0];
        named = Ints{};
        for (int j = 1; j < settings.sizes[group]; j++) {
          const Ints larger = logits[j] > largest;
          largest = where(larger, logits[j], largest);
          named = larger ? Ints{} + j : named;
        }
      }
      const Floats correct = where(named == wanted, one, Floats{});
      whole *= correct;
      if (kind == BALANCED) tallies[group * settings.classes + wanted] += widened(correct);
    }
    if (kind == EXAMPLES) tallies[0] += widened(whole);
  }

  const Settings& settings;
  const Shape full;
  const Used used;
  const Shape shape;  // without the units that no lane uses
  Array weights, masks;
  std::vector<Words> read;         // the input that each lane reads as its first one, second one, ...
  std::vector<Array> activations;  // (layer) of (row, unit)
};

// ---- training --------------------------------------------------------------------------------------------------------

class Training : Block {
 public:
  Training(const Settings& settings, const Networks& networks, const int64_t* of_lane, const Examples& examples,
           const Draws& draws, int rows)
      : Block(settings, networks, of_lane, rows), examples(examples),
        draws(draws), first(shape.parameters), second(shape.parameters), best(weights), gradients(settings.depth + 1),
        targets((size_t)rows * shape.widths.back()), target_weights(examples.weights ? targets.size() : 0),
        order((examples.rows + 3) / 4 * 4), drawn(order.size()),
        sums(settings.batch_size > ROWS_AT_ONCE ? shape.parameters : 0) {
    for (int d = 1; d <= settings.depth; d++) gradients[d].resize((size_t)rows * shape.widths[d]);
    for (int lane = 0; lane < LANES; lane++) {
      const uint32_t* words = draws.keys + 2 * draws.stream_of[of_lane[lane]];
      key.first[lane] = words[0], key.second[lane] = words[1];
    }
  }

  // Trains a round, and writes the best epoch of the first networks of the block.
  void run(const Examples& validation, const Accuracy& accuracy, const Networks& networks, const int64_t* of_lane, int count) {
    std::vector<Doubles> tallies(accuracy.tallies);
    double best_score[LANES], best_loss[LANES];
    std::fill(best_score, best_score + LANES, -std::numeric_limits<double>::infinity());
    std::fill(best_loss, best_loss + LANES, std::numeric_limits<double>::infinity());
    for (int epoch = 0; epoch < settings.epochs; epoch++) {
      shuffle(epoch);
      for (int64_t row = 0; row < examples.rows; row += settings.batch_size)
        step(epoch, row, (int)std::min<int64_t>(settings.batch_size, examples.rows - row));
      const Doubles loss = evaluate(validation, {accuracy}, tallies);
      better = Ints{};
      for (int lane = 0; lane < LANES; lane++) {
        double score = 0;
        for (int t = 0; t < accuracy.tallies; t++) score += tallies[t][lane] * accuracy.weights[t];
        const bool wins = score > best_score[lane] || (score == best_score[lane] && (settings.keeps_last || loss[lane] <= best_loss[lane]));
        if (!wins || !std::isfinite(loss[lane])) continue;
        better[lane] = -1, improved = true;
        best_score[lane] = score, best_loss[lane] = loss[lane];
        if (lane < count)
          for (int t = 0; t < accuracy.tallies; t++) accuracy.found[of_lane[lane] * accuracy.tallies + t] = tallies[t][lane];
      }
    }
    for (int i = 0; improved && i < shape.parameters; i++) best[i] = where(better, weights[i], best[i]);
    for (int lane = 0; lane < count; lane++) networks.losses[of_lane[lane]] = best_loss[lane];
    used.parameters(full, shape, [&](int lane, int at, int to) {
      if (lane < count) networks.parameters[of_lane[lane] * full.parameters + to] = best[at][lane];
    });
  }

 private:
  void step(int epoch, int64_t start, int rows) {
    first_decay *= 0.9, second_decay *= 0.999;
    step_size = (float)(settings.lr / (1 - first_decay)), root_scale = (float)(1 / std::sqrt(1 - second_decay));
    const float scale = 1.0f / (float)(rows * shape.widths.back());
    for (int done = 0; done < rows; done += ROWS_AT_ONCE) {
      is_first = done == 0, is_last = done + ROWS_AT_ONCE >= rows;
      const int part = std::min(ROWS_AT_ONCE, rows - done);
      compose(epoch, start + done, part);
      forward(part);
      start_backward(part, scale);
      for (int d = settings.depth - 1; d >= 0; d--) backward(d, part);
    }
    improved = false;
  }

  // Computes the gradients of the loss by the logits.
  void start_backward(int rows, float scale) {
    const int outputs = shape.widths.back();
    Array &gradient = gradients.back(), &logits = activations.back();
    for (int i = 0; i < rows * outputs; i++) {
      gradient[i] = settings.loss == SQUARED_ERROR ? 2.0f * scale * (logits[i] - targets[i])
                                                   : scale * (sigmoid(logits[i]) - targets[i]);
      if (examples.weights) gradient[i] *= target_weights[i];
    }
  }

  // Sorts the rows by a random word each, by Batcher's odd-even merges: the same comparisons in every lane.
  void shuffle(int epoch) {
    const int rows = (int)examples.rows;
    for (int row = 0; row < rows; row += 4) {
      Words counter[] = {Words{} + row / 4, ~Words{}, Words{} + epoch, Words{} + draws.attempt};
      key.words(counter);
      for (int i = 0; i < 4; i++) drawn[row + i] = counter[i], order[row + i] = Words{} + row + i;
    }
    for (int merged = 1; merged < rows; merged *= 2)
      for (int apart = merged; apart >= 1; apart /= 2)
        for (int start = apart % merged; start + apart < rows; start += 2 * apart)
          for (int row = start; row < std::min(start + apart, rows - apart); row++)
            if (row / (2 * merged) == (row + apart) / (2 * merged)) exchange(row, row + apart);
  }

  void exchange(int low, int high) {
    const Words a = drawn[low], b = drawn[high], first = order[low], second = order[high];
    const Ints swap = (a > b) | ((a == b) & (first > second));
    drawn[low] = swap ? b : a, drawn[high] = swap ? a : b;
    order[low] = swap ? second : first, order[high] = swap ? first : second;
  }

  // Composes a minibatch: each lane has the order and the noise of its own stream.
  void compose(int epoch, int64_t start, int rows) {
    const int outputs = shape.widths.back();
    for (int row = 0; row < rows; row++) {
      const Words from = order[start + row];
      load_inputs(examples, from, row);
      for (int j = 0; j < outputs; j++) {
        targets[row * outputs + j] = gathered(examples.targets + j, from * outputs);
        if (examples.weights) target_weights[row * outputs + j] = gathered(examples.weights + j, from * outputs);
      }
    }
    if (settings.noise > 0) add_noise(epoch, start, rows);
  }

  void add_noise(int epoch, int64_t start, int rows) {
    const int width = shape.widths[0];
    for (int64_t block = start / 4; 4 * block < start + rows; block++)
      for (int i = 0; i < width; i++) {
        Words counter[] = {Words{} + (uint32_t)block, read[i], Words{} + epoch, Words{} + draws.attempt};
        Floats numbers[4];
        key.normals(counter, numbers);
        for (int j = 0; j < 4; j++) {
          const int64_t row = 4 * block + j - start;
          if (row >= 0 && row < rows) activations[0][row * width + i] += settings.noise * numbers[j];
        }
      }
  }

  // Passes the gradient of layer d + 1 on to layer d, and with the last rows updates the parameters between them.
  void backward(int d, int rows) {
    const int fan_in = shape.widths[d], fan_out = shape.widths[d + 1];
    const Floats *gradient = gradients[d + 1].data(), *source = activations[d].data();
    if (d > 0) {
      Floats* into = gradients[d].data();
      product({gradient, fan_out, 1}, {&weights[shape.weights[d]], 1, fan_out}, rows, fan_in, fan_out, nullptr,
              [=](int m, int n, Floats x) { into[m * fan_in + n] = where(source[m * fan_in + n] > 0.0f, x, Floats{}); });
    }
    const int at = shape.weights[d], bias = shape.biases[d];
    const Matrix left{source, 1, fan_in}, right{gradient, fan_out, 1};
    if (is_first && is_last)
      product(left, right, fan_in, fan_out, rows, nullptr, [&](int m, int n, Floats x) { update(at + m * fan_out + n, x); });
    else
      product(left, right, fan_in, fan_out, rows, nullptr, [&](int m, int n, Floats x) { add(at + m * fan_out + n, x); });
    for (int j = 0; j < fan_out; j++) {
      Floats sum{};
      for (int row = 0; row < rows; row++) sum += gradient[row * fan_out + j];
      add(bias + j, sum);
    }
  }

  void add(int at, Floats gradient) {
    if (!is_first) gradient += sums[at];
    if (is_last) update(at, gradient);
    else sums[at] = gradient;
  }

  // A step of Adam (Kingma & Ba 2015) with L2 decay, as torch.optim.Adam computes it.
  void update(int at, Floats gradient) {
    const Floats weight = weights[at];
    if (improved) best[at] = where(better, weight, best[at]);
    gradient += settings.weight_decay * weight;
    const Floats mean = first[at] * 0.9f + gradient * 0.1f;
    const Floats square = second[at] * 0.999f + gradient * gradient * 0.001f;
    first[at] = mean, second[at] = square;
    weights[at] = (weight - step_size * mean / (square_root(square) * root_scale + 1e-8f)) * masks[at];
  }

  const Examples& examples;
  const Draws& draws;
  Array first, second, best;  // moments of the gradient, and the best epoch so far
  std::vector<Array> gradients;
  Array targets, target_weights;
  std::vector<Words> order, drawn;  // the rows of the epoch, and the random words that they are sorted by
  Key key;
  Array sums;  // of the gradients of a minibatch so far
  bool is_first = true, is_last = true;
  Ints better{};          // the lanes that had their best epoch so far before this step, which keeps its weights
  bool improved = false;  // whether there are any
  double first_decay = 1, second_decay = 1;
  float step_size = 0, root_scale = 0;
};

// ---- blocks on threads -----------------------------------------------------------------------------------------------

// Calls work(networks of the lanes, how many of them are real) for every block; false if memory ran out.
template <class Work>
static bool for_each_block(const Networks& networks, int threads, Work work) {
  std::atomic<int64_t> next{0};
  std::atomic<bool> complete{true};
  const auto run = [&] {
    try {
      for (int64_t start; complete && (start = next.fetch_add(LANES)) < networks.count;) {
        int64_t of_lane[LANES];
        for (int lane = 0; lane < LANES; lane++)
          of_lane[lane] = networks.sequence[std::min(start + lane, networks.count - 1)];
        work(of_lane, (int)std::min<int64_t>(LANES, networks.count - start));
      }
    } catch (const std::bad_alloc&) {
      complete = false;
    }
  };
  std::vector<std::thread> others;
  for (int i = 1; i < threads && (int64_t)i * LANES < networks.count; i++) others.emplace_back(run);
  run();
  for (std::thread& other : others) other.join();
  return complete;
}

extern "C" int train_round(const Settings* settings, const Networks* networks, const Examples* training,
                           const Examples* validation, const Draws* draws, const Accuracy* accuracy) {
  const int rows = (int)std::min<int64_t>(ROWS_AT_ONCE, std::max(training->rows, validation->rows));
  return for_each_block(*networks, settings->threads, [&](const int64_t* of_lane, int count) {
    Training(*settings, *networks, of_lane, *training, *draws, rows).run(*validation, *accuracy, *networks, of_lane, count);
  });
}

extern "C" int evaluate(const Settings* settings, const Networks* networks, const Examples* examples, int measures,
                        const Accuracy* accuracies) {
  const std::vector<Accuracy> wanted(accuracies, accuracies + measures);
  size_t total = 0;
  for (const Accuracy& each : wanted) total += each.tallies;
  return for_each_block(*networks, settings->threads, [&](const int64_t* of_lane, int count) {
    Block block(*settings, *networks, of_lane, ROWS_AT_ONCE);
    std::vector<Doubles> tallies(total);
    block.evaluate(*examples, wanted, tallies);
    for (int lane = 0; lane < count; lane++) {
      const Doubles* found = tallies.data();
      for (const Accuracy& each : wanted)
        for (int t = 0; t < each.tallies; t++) each.found[of_lane[lane] * each.tallies + t] = (*found++)[lane];
    }
  });
}

// Draws normal numbers of some epochs, blocks of four rows, and inputs, which share the lanes: (stream, epoch, row, input).
extern "C" void draw_normals(const uint32_t* keys, int64_t streams, const uint32_t* epochs, int64_t epoch_count,
                             const uint32_t* blocks, int64_t block_count, const uint32_t* inputs, int64_t input_count,
                             uint32_t attempt, float* numbers) {
  for (int64_t stream = 0; stream < streams; stream++)
    for (int64_t epoch = 0; epoch < epoch_count; epoch++)
      for (int64_t block = 0; block < block_count; block++, numbers += 4 * input_count)
        for (int64_t first = 0; first < input_count; first += LANES) {
          const Key key{Words{} + keys[2 * stream], Words{} + keys[2 * stream + 1]};
          const size_t count = std::min<int64_t>(LANES, input_count - first);
          Words counter[4] = {Words{} + blocks[block], Words{}, Words{} + epochs[epoch], Words{} + attempt};
          std::memcpy(&counter[1], inputs + first, 4 * count);
          Floats drawn[4];
          key.normals(counter, drawn);
          for (int row = 0; row < 4; row++) std::memcpy(numbers + row * input_count + first, &drawn[row], 4 * count);
        }
}

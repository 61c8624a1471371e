namespace VgpuPS.Benchmarks.Planner;

/// <summary>One request: when, for which profile, and for how long.</summary>
internal readonly record struct Request(double Time, int Shape, double Life);

/// <summary>A stream of requests that all policies see alike.</summary>
/// <remarks>
/// Source: planner.md 3: Poisson arrivals, exponential life of mean 1, load = requested slices / all slices.
/// </remarks>
internal sealed class RequestStream
{
    private RequestStream(IReadOnlyList<Request> requests, double warmUp)
    {
        Requests = requests;
        WarmUp = warmUp;
    }

    public IReadOnlyList<Request> Requests { get; }

    /// <summary>Requests before this moment do not count.</summary>
    public double WarmUp { get; }

    /// <summary>Draws a stream.</summary>
    /// <param name="model">The GPUs' model.</param>
    /// <param name="gpus">How many there are.</param>
    /// <param name="mix">Shares at a moment from 0 to 1 of the stream.</param>
    /// <param name="options">Load, length and lives.</param>
    /// <param name="seed">Of the random numbers.</param>
    public static RequestStream Draw(
        StudyModel model, int gpus, Func<double, double[]> mix, StudyOptions options, int seed)
    {
        var random = new Random(seed);
        var capacity = (double)gpus * model.Slots;
        var requests = new List<Request>();
        var time = 0.0;
        var asked = 0.0;
        while (options.LivesForever ? asked < capacity * options.Rho : requests.Count < options.Requests)
        {
            var shares = mix((double)requests.Count / options.Requests);
            var mean = shares.Select((s, p) => s * model.Shapes[p].Size).Sum() / shares.Sum();
            time += -Math.Log(1 - random.NextDouble()) * mean / (options.Rho * capacity);
            var shape = Pick(shares, random.NextDouble());
            var life = -Math.Log(1 - random.NextDouble());
            asked += model.Shapes[shape].Size;
            requests.Add(new Request(time, shape, options.LivesForever ? double.PositiveInfinity : life));
        }

        return new RequestStream(requests, options.LivesForever ? 0 : 3);
    }

    private static int Pick(double[] shares, double number)
    {
        var left = number * shares.Sum();
        for (var p = 0; p < shares.Length; p++)
        {
            left -= shares[p];
            if (left < 0)
            {
                return p;
            }
        }

        return Array.FindLastIndex(shares, s => s > 0);
    }
}

using VgpuPS.Core.Gpu;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>Takes the place of least score; ties go to the lowest GPU and start.</summary>
/// <param name="model">The GPUs' model.</param>
/// <param name="score">Score of a place by what is taken before, what is taken after, and the shape.</param>
/// <param name="stopsAtFirstGpu">Whether the first GPU that takes the request gets it.</param>
internal sealed class GreedyPolicy(
    StudyModel model, Func<Occupancy, Occupancy, ProfileShape, double> score, bool stopsAtFirstGpu) : IPolicy
{
    private const double Tie = 1e-9;

    public Choice? Choose(Cluster cluster, int shape)
    {
        var wanted = model.Shapes[shape];
        Choice? best = null;
        var least = double.PositiveInfinity;
        for (var gpu = 0; gpu < cluster.Gpus.Length && !(stopsAtFirstGpu && best is not null); gpu++)
        {
            var before = cluster.Gpus[gpu];
            foreach (var window in wanted.Windows)
            {
                if (!before.Takes(wanted, window))
                {
                    continue;
                }

                var now = score(before, before.With(wanted, window), wanted);
                if (now < least - Tie)
                {
                    least = now;
                    best = new Choice(gpu, window, []);
                }
            }
        }

        return best;
    }
}

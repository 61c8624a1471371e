using VgpuPS.Core.Gpu;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>GPUs of one model and the instances on them.</summary>
internal sealed class Cluster(StudyModel model, int gpus)
{
    private readonly Occupancy[] _gpus = new Occupancy[gpus];
    private readonly List<Instance>[] _instances = [.. Enumerable.Range(0, gpus).Select(_ => new List<Instance>())];

    public StudyModel Model { get; } = model;

    public ReadOnlySpan<Occupancy> Gpus => _gpus;

    public int ActiveGpus { get; private set; }

    public IReadOnlyList<Instance> On(int gpu) => _instances[gpu];

    public Instance Place(int shape, int gpu, Placement window)
    {
        var instance = new Instance(shape);
        Put(instance, gpu, window);
        return instance;
    }

    public void Remove(Instance instance)
    {
        var list = _instances[instance.Gpu];
        list.Remove(instance);
        var shape = Model.Shapes[instance.Shape];
        var old = _gpus[instance.Gpu];
        _gpus[instance.Gpu] = new Occupancy(old.Mask & ~instance.Window.Mask, old.MediaTaken && !shape.TakesMedia);
        ActiveGpus -= list.Count == 0 ? 1 : 0;
    }

    public void Move(Instance instance, int gpu, Placement window)
    {
        Remove(instance);
        Put(instance, gpu, window);
    }

    private void Put(Instance instance, int gpu, Placement window)
    {
        var shape = Model.Shapes[instance.Shape];
        if (!_gpus[gpu].Takes(shape, window) || !shape.Windows.Contains(window))
        {
            throw new InvalidOperationException(
                $"A policy put {shape.Name} at {window} of GPU {gpu}, which is no free place.");
        }

        instance.Gpu = gpu;
        instance.Window = window;
        _gpus[gpu] = _gpus[gpu].With(shape, window);
        ActiveGpus += _instances[gpu].Count == 0 ? 1 : 0;
        _instances[gpu].Add(instance);
    }
}

/// <summary>An instance in a cluster.</summary>
internal sealed class Instance(int shape)
{
    public int Shape { get; } = shape;

    public int Gpu { get; set; }

    public Placement Window { get; set; }
}

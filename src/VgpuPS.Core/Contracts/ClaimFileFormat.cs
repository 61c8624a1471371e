using System.Text.Json;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Mig;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.Contracts;

/// <summary>Turns the claims file's bytes into claims and back.</summary>
public static class ClaimFileFormat
{
    private const int LargestEntry = 15;

    // Placements are masks of 32 bits; no GPU has more than 8 memory slices.
    private const int MemorySliceLimit = 32;

    /// <summary>Reads the file.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="UnreadableDataException">
    /// It is of a newer version (<see cref="ErrorIds.NewerVersion"/>), or not readable; the message names line and column.
    /// </exception>
    public static ClaimFile Read(ReadOnlySpan<byte> content, string path)
    {
        var reader = new JsonFileReader(
            path, "The claims file", $"Put it aside with `mv {path} {path}.bad`, then run `vgpu-hook sweep`.",
            ClaimFileDocument.NewestVersion);
        var json = JsonFileReader.WithoutMark(content);
        var document = reader.Read(json, HostFileJsonContext.Default.ClaimFileDocument);
        var claims = new List<VgpuClaim>();
        foreach (var claim in document.Claims)
        {
            claims.Add(ReadClaim(claim) ?? throw Wrong(reader, json, "claims", claims.Count));
        }

        var instances = new List<MadeInstance>();
        foreach (var instance in document.Instances)
        {
            instances.Add(ReadInstance(instance) ?? throw Wrong(reader, json, "instances", instances.Count));
        }

        foreach (var (model, weights) in document.Demand)
        {
            if (weights.Values.Any(weight => weight < 0))
            {
                throw reader.Unreadable(JsonPosition.Find(json, "demand", model), "a demand is not a number from 0");
            }
        }

        return new ClaimFile(claims, instances, document.Demand);
    }

    /// <summary>The file's bytes: sorted, so that equal claims give equal bytes.</summary>
    /// <param name="file">The claims.</param>
    public static byte[] Write(ClaimFile file)
    {
        var document = new ClaimFileDocument
        {
            Version = ClaimFileDocument.NewestVersion,
            Claims = [.. file.Claims.OrderBy(claim => claim.Vm).ThenBy(claim => claim.Entry).Select(WriteClaim)],
            Instances =
            [
                .. file.Instances
                    .OrderBy(instance => instance.Gpu)
                    .ThenBy(instance => instance.Placement)
                    .Select(WriteInstance),
            ],
            Demand = Sort(file.Demand, Sort),
        };
        return [.. JsonSerializer.SerializeToUtf8Bytes(document, HostFileJsonContext.Default.ClaimFileDocument), (byte)'\n'];
    }

    private static UnreadableDataException Wrong(
        JsonFileReader reader, ReadOnlySpan<byte> json, string list, int index) => reader.Unreadable(
        JsonPosition.Find(json, list, $"{index}"), $"a value of {list}[{index}] is not what the hook writes there");

    private static VgpuClaim? ReadClaim(VgpuClaimDocument? claim)
    {
        PciAddress function = default;
        MdevUuid mdev = default;
        if (claim is null || !VmId.TryParse($"{claim.Vm}", out var vm) || claim.Entry is < 0 or > LargestEntry
            || claim.Type == 0 || ReadState(claim.State) is not { } state
            || (claim.Function is not null && !PciAddress.TryParse(claim.Function, out function))
            || (claim.Mdev is not null && !MdevUuid.TryParse(claim.Mdev, out mdev)))
        {
            return null;
        }

        var candidates = new List<PciAddress>();
        foreach (var text in claim.Candidates)
        {
            if (!PciAddress.TryParse(text, out var candidate))
            {
                return null;
            }

            candidates.Add(candidate);
        }

        return new VgpuClaim(
            vm, claim.Entry, new VgpuTypeId(claim.Type), state, candidates, claim.Function is null ? null : function,
            claim.Mdev is null ? null : mdev, claim.Reserved, claim.HeldUntil);
    }

    private static VgpuClaimDocument WriteClaim(VgpuClaim claim) => new()
    {
        Vm = claim.Vm.Value,
        Entry = claim.Entry,
        Type = claim.Type.Value,
        State = claim.State switch
        {
            ClaimState.Pending => "pending",
            ClaimState.Live => "live",
            _ => "held",
        },
        Candidates = [.. claim.Candidates.Select(candidate => candidate.ToString())],
        Function = claim.Function?.ToString(),
        Mdev = claim.Mdev?.Value,
        Reserved = claim.Reserved,
        HeldUntil = claim.HeldUntil,
    };

    private static ClaimState? ReadState(string text) => text switch
    {
        "pending" => ClaimState.Pending,
        "live" => ClaimState.Live,
        "held" => ClaimState.Held,
        _ => null,
    };

    private static MadeInstance? ReadInstance(MadeInstanceDocument? instance)
    {
        if (instance is null || !PciAddress.TryParse(instance.Gpu, out var gpu) || instance.Start < 0
            || instance.Size < 1 || instance.Start > MemorySliceLimit || instance.Size > MemorySliceLimit - instance.Start)
        {
            return null;
        }

        return new MadeInstance(
            gpu, new ProfileId(instance.Profile), new Placement(instance.Start, instance.Size),
            instance.Instance is { } id ? new GpuInstanceId(id) : null, instance.IsOurs,
            instance.ComputeInstance is { } compute ? new ComputeInstanceId(compute) : null);
    }

    private static MadeInstanceDocument WriteInstance(MadeInstance instance) => new()
    {
        Gpu = instance.Gpu.ToString(),
        Profile = instance.Profile.Value,
        Start = instance.Placement.Start,
        Size = instance.Placement.Size,
        Instance = instance.Instance?.Value,
        IsOurs = instance.IsOurs,
        ComputeInstance = instance.ComputeInstance?.Value,
    };

    private static SortedDictionary<string, TOut> Sort<TIn, TOut>(
        IReadOnlyDictionary<string, TIn> source, Func<TIn, TOut> convert)
    {
        var sorted = new SortedDictionary<string, TOut>(StringComparer.Ordinal);
        foreach (var (key, value) in source)
        {
            sorted[key] = convert(value);
        }

        return sorted;
    }

    private static IReadOnlyDictionary<string, double> Sort(IReadOnlyDictionary<string, double> source) =>
        Sort(source, value => value);
}

using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Models;
using VgpuPS.Lab.Platform;
using VgpuPS.LabHook;

namespace VgpuPS.Sessions;

/// <summary>Makes and opens simulated hosts.</summary>
internal static class LabHosts
{
    /// <summary>GPUs that a simulated host has at most.</summary>
    public const int MaxGpus = 8;

    /// <summary>Makes one in memory.</summary>
    /// <exception cref="InvalidRequestException">It cannot be made of that.</exception>
    public static LabHostSession Make(
        string name, IReadOnlyList<string> gpus, string? backend, string pveVersion, bool hasTiming,
        bool isBare = false)
    {
        if (gpus.Count > MaxGpus)
        {
            throw new InvalidRequestException(
                ErrorIds.CountOutOfRange, $"the maximum of a simulated host is {MaxGpus} GPUs, "
                    + $"and {gpus.Count} are requested",
                $"name {MaxGpus} at most: Connect-VgpuHost -Lab A30,A30");
        }

        var node = LabHostNode.Create(new LabOptions
        {
            Gpus = [.. gpus.Select(CheckModel)],
            PveVersion = pveVersion,
            WithVms = true,
            IsBare = isBare,
            Serial = name == "lab" ? "" : name,
            Backend = backend switch
            {
                "Mdev" => LabBackend.Mdev,
                null when pveVersion.StartsWith('8') => LabBackend.Mdev,
                _ => LabBackend.Vfio,
            },
        });
        if (isBare)
        {
            LabDriverFiles.PutPackage(node.Host, node.Host.State.Setup.DriverVersion);
        }

        Pace(node, hasTiming);
        return new LabHostSession(name, node);
    }

    /// <summary>Opens one that lives in a file.</summary>
    /// <exception cref="ObjectNotFoundException">There is no such file.</exception>
    /// <exception cref="UnreadableDataException">It holds no simulated host.</exception>
    public static LabHostSession Open(string name, string path, bool hasTiming)
    {
        if (!File.Exists(path))
        {
            throw new ObjectNotFoundException(
                ErrorIds.LabNotFound, $"there is no simulated host in {path}",
                $"create one: vgpu-lab --state {path} init --gpu A30 --gpu A30", path);
        }

        try
        {
            var node = new LabHostNode(LabHost.Open(path));
            Pace(node, hasTiming);
            return new LabHostSession(name, node);
        }
        catch (Exception e) when (e is InvalidDataException or System.Text.Json.JsonException
            or UnauthorizedAccessException)
        {
            throw new UnreadableDataException(
                ErrorIds.UnreadableData, $"{path} does not contain a readable simulated host: {e.Message}",
                $"create it again: vgpu-lab --state {path} init --gpu A30 --gpu A30", path, e);
        }
    }

    /// <summary>Lets calls take time, for the user who waits as well.</summary>
    private static void Pace(LabHostNode node, bool hasTiming)
    {
        node.UseTiming(hasTiming);
        node.Host.Clock.IsPaced = hasTiming;
    }

    private static string CheckModel(string model)
    {
        try
        {
            return GpuModel.Load(model).Name;
        }
        catch (ArgumentException)
        {
            throw new InvalidRequestException(
                ErrorIds.LabModelNotFound, $"the lab has no GPU model '{model}'; it has "
                    + $"{string.Join(", ", GpuModel.Names.Select(n => GpuModel.Load(n).Aliases.FirstOrDefault(n)))}",
                "use one of them: Connect-VgpuHost -Lab A30,A30", model);
        }
    }
}

namespace VgpuPS.Host.Operations.VmVgpus;

/// <summary>
/// The type that a user asks for: by name or number, by GPU instance profile, or by memory; at most one of them.
/// </summary>
/// <param name="Type">Name, short name, <c>nvidia-N</c> or N.</param>
/// <param name="Profile">Name of a GPU instance profile.</param>
/// <param name="MemoryMiB">Least frame buffer in MiB.</param>
internal sealed record VgpuRequest(string? Type, string? Profile, long? MemoryMiB)
{
    /// <summary>How many of the three are given.</summary>
    public int Count => (Type is null ? 0 : 1) + (Profile is null ? 0 : 1) + (MemoryMiB is null ? 0 : 1);

    /// <summary>Takes what a caller gave; blank text, as in an empty cell of a table, counts as absent.</summary>
    /// <param name="vm">The VM that it is for, as the caller named it.</param>
    /// <param name="type">Name, short name, <c>nvidia-N</c> or N.</param>
    /// <param name="profile">Name of a GPU instance profile.</param>
    /// <param name="memoryMiB">Least frame buffer in MiB.</param>
    /// <exception cref="InvalidRequestException">More than one is given, or the memory is not an amount.</exception>
    public static VgpuRequest From(string? vm, string? type, string? profile, long? memoryMiB)
    {
        var request = new VgpuRequest(Text(type), Text(profile), memoryMiB);
        return request.Count > 1 ? throw Wrong(
                ErrorIds.ConflictingParameters, vm, $"the type is specified {request.Count} times: by {Names(request)}")
            : memoryMiB <= 0 ? throw Wrong(
                ErrorIds.InvalidMemorySize, vm, $"{memoryMiB} MiB is not a frame buffer size")
            : request;
    }

    /// <summary>Refuses an empty request.</summary>
    /// <exception cref="InvalidRequestException">None of the three is given.</exception>
    public VgpuRequest Require(string? vm) =>
        Count == 1 ? this : throw Wrong(
            ErrorIds.MissingParameter, vm, "neither type, profile nor memory of the vGPU is specified");

    /// <summary>Text without blanks around it; null where nothing is left.</summary>
    public static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string Names(VgpuRequest request) => string.Join(" and ", new[]
    {
        request.Type is { } type ? $"type {type}" : null,
        request.Profile is { } profile ? $"profile {profile}" : null,
        request.MemoryMiB is { } memory ? $"memory of {memory} MiB" : null,
    }.OfType<string>());

    private static InvalidRequestException Wrong(string errorId, string? vm, string message) => new(
        errorId, vm is null ? message : $"VM {vm}: {message}",
        "specify exactly one of them: -Type A30-2-12C, -Profile 2g.12gb or -Memory 12GB; Get-VgpuType lists the types",
        vm);
}

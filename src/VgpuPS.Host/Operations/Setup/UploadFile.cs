namespace VgpuPS.Host.Operations.Setup;

/// <summary>What has come of a file that is uploaded.</summary>
/// <param name="Path">Its path on the host, once it is whole and its checksum right; null before.</param>
public sealed record UploadFileResult(string? Path);

/// <summary>Requests files that the session uploaded to be removed.</summary>
/// <param name="Id">Which one; null for all of the session.</param>
public sealed record RemoveUploadRequest(string? Id = null);

/// <summary>What was removed.</summary>
/// <param name="Count">How many uploads.</param>
public sealed record RemoveUploadResult(int Count);

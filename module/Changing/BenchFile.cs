namespace VgpuPS.Changing;

/// <summary>The <c>vgpu-bench</c> that the module brings.</summary>
/// <param name="Path">Where it lies here.</param>
/// <param name="Offer">What a host learns of it.</param>
internal sealed record BenchFile(string Path, OfferedFile Offer)
{
    private const string Name = "vgpu-bench";

    /// <summary>Finds it beside the module's assembly; null where a build has none.</summary>
    public static BenchFile? Find()
    {
        var file = new FileInfo(System.IO.Path.Combine(
            System.IO.Path.GetDirectoryName(typeof(BenchFile).Assembly.Location)!, Name));
        return file.Exists ? new BenchFile(file.FullName, new OfferedFile(Name, file.Length, "")) : null;
    }

    /// <summary>The file, to be uploaded.</summary>
    public DriverFile ToDriverFile() => new(Offer, () => File.OpenRead(Path), IsInZip: false);
}

using VgpuPS.Sessions;

namespace VgpuPS.Help;

/// <summary>
/// Writes what the module says of itself: help of commands from their documentation comments, the topic of error ids
/// beside it, and the commands' names into the manifest: <c>VgpuPS.Help HELP MANIFEST ERRORS</c>.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is not [var path, var manifest, var errors])
        {
            Console.Error.WriteLine("usage: VgpuPS.Help HELP MANIFEST ERRORS");
            return 64;
        }

        var assembly = typeof(VgpuCmdlet).Assembly;
        var comments = DocComments.OfModule();
        var commands = CommandModel.FindAll(assembly);
        var help = new MamlWriter(comments).Write(commands);
        if (comments.Missing.Count > 0)
        {
            Console.Error.WriteLine($"without a documentation comment: {string.Join(", ", comments.Missing)}");
            return 65;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        help.Save(path);
        File.WriteAllText(
            Path.Combine(folder, "about_VgpuPS_Errors.help.txt"), ErrorTopic.Write(File.ReadAllText(errors)));
        File.WriteAllText(manifest, Manifest.Fill(File.ReadAllText(manifest), commands.Select(c => c.Name)));
        return 0;
    }
}

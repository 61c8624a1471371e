using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using VgpuPS.Core.Json;
using Xunit;

namespace VgpuPS.Tests.Text;

public sealed partial class JsonOutputTests
{
    /// <summary>What a grep finds, and what a terminal must not be given.</summary>
    [Theory]
    [InlineData("1g.6gb+me", "1g.6gb+me")]
    [InlineData("VM 101's <a> & `b`", "VM 101's <a> & `b`")]
    [InlineData("say \"no\"", "say \\\"no\\\"")]
    [InlineData("\\u002B", "\\\\u002B")]
    [InlineData("\\\"", "\\\\\\\"")]
    [InlineData("\\\\u0027+", "\\\\\\\\u0027+")]
    [InlineData("a\u001b[31m\n\u007f", "a\\u001B[31m\\n\\u007F")]
    [InlineData("Zürich \u202e\u2028", "Z\\u00FCrich \\u202E\\u2028")]
    [InlineData("+", "+")]
    [InlineData("", "")]
    public void Text_is_ASCII_and_only_what_JSON_needs_is_an_escape(string text, string written)
    {
        Assert.Equal($"\"{written}\"", JsonOutput.Write(text, TextJson.Default.String));
        var line = JsonOutput.WriteLine(text, TextJson.Default.String);
        Assert.Equal($"\"{written}\"\n", Encoding.UTF8.GetString(line));
        Assert.Equal(text, JsonSerializer.Deserialize(line, TextJson.Default.String));
    }

    [JsonSerializable(typeof(string))]
    private sealed partial class TextJson : JsonSerializerContext;
}

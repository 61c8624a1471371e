# Seconds that each Pester file takes on a quiet machine of two cores: Invoke-PesterFile.ps1 deals files by them.
@{
    Stopping = 30
    Module = 15
    Processes = 15
    Ssh = 15
    Readme = 10
    PrivateAssemblies = 10
}

from cde.main import main

main()
